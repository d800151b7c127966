# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Sphinx settings of the guides. No extensions, no network: what Debian's python3-sphinx brings is enough."""

project = "dlb2"
copyright = "2026, The dlb2 project"
author = "The dlb2 project"

html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "sidebar_width": "240px", "description": "Open driver for Intel DLB 2.0 and 2.5"}
html_show_sourcelink = False
nitpicky = True
exclude_patterns = ["eventdevs/dlb2_devargs.rst"]
