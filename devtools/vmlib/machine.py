# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The virtual machine: QEMU's command line.

intel-iommu with interrupt remapping is what lets the guest's stock vfio-pci bind a device, and it
needs the split irqchip. The device server maps the guest's memory, so that is a shared memfd. The
devices are on the root bus, each in an IOMMU group of its own. Slots to unplug them from would be
of no use: QEMU 11.1 ends by an assertion when a vfio-user device with MSI-X is unplugged. The guest
does it by sysfs, remove and rescan.
"""

import fcntl
import json
import os

# KVM_CREATE_VM of linux/kvm.h.
KVM_CREATE_VM = 0xAE01
# KVM's emulator, which performs each access to a trapped BAR, knows stores of SSE, not of AVX.
KVM_CPU = "host,-avx,-avx2,-avx512f"
# Without 5-level page tables, which would only make emulated page walks longer.
TCG_CPU = "max,la57=off"
FIRST_SLOT = 4

# panic=-1: with -no-reboot, a panic ends QEMU. init_on_alloc=0: hugepages are zeroed when they are
# first used, not at boot, which would take 5 s of emulation. no_timer_check: on a busy host the
# emulated timer may not have ticked ten times in ten ticks' time, which the kernel takes for a
# broken board. no_e820: a device that is removed and found again gets its 4 GiB back, which lie in
# what the memory map calls reserved. What follows saves a little each.
KERNEL_ARGUMENTS = ("console=ttyS0 quiet panic=-1 oops=panic intel_iommu=on init_on_alloc=0 "
                    "no_timer_check pci=no_e820 cryptomgr.notests mitigations=off "
                    "random.trust_cpu=on 8250.nr_uarts=1 audit=0 apparmor=0")


def has_hardware_kvm():
    """Whether KVM runs unmodified guests here: /dev/kvm can be opened, and the CPU has
    virtualization (a paravirtual KVM offers /dev/kvm without it and cannot boot a stock kernel).
    """
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), ())
    if "vmx" not in flags and "svm" not in flags:
        return False
    try:
        kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.close(fcntl.ioctl(kvm, KVM_CREATE_VM, 0))
        return True
    except OSError:
        return False
    finally:
        os.close(kvm)


def cpu_has_movdir64b():
    """Whether the host's CPU executes MOVDIR64B, which KVM's emulator doesn't know."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return any("movdir64b" in line.split() for line in file if line.startswith("flags"))


def accelerators(options):
    """The accelerators to try, in this order."""
    if options.accel != "auto":
        return [options.accel]
    if has_hardware_kvm() and not (options.driver == "in-tree" and cpu_has_movdir64b()):
        return ["kvm", "tcg"]
    return ["tcg"]


def comma(text):
    """A value inside a comma-separated option of QEMU."""
    return str(text).replace(",", ",,")


def accelerator_arguments(accelerator):
    if accelerator == "kvm":
        return ["-accel", "kvm", "-cpu", KVM_CPU]
    return ["-accel", "tcg,thread=multi", "-cpu", TCG_CPU]


def file_arguments(shares):
    """The host's / as 9p "host", and share0, share1... that can be written."""
    arguments = ["-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,"
                 "multidevs=remap"]
    for i, share in enumerate(shares):
        arguments += ["-virtfs", f"local,path={comma(share)},mount_tag=share{i},"
                      "security_model=none,multidevs=remap"]
    return arguments


def device_arguments(sockets):
    """A device for each socket. Only JSON can say what a socket is."""
    arguments = []
    for i, path in enumerate(sockets):
        device = {"driver": "vfio-user-pci", "addr": f"{FIRST_SLOT + i:x}.0",
                  "socket": {"type": "unix", "path": str(path)}}
        arguments += ["-device", json.dumps(device)]
    return arguments


def channel_arguments(channels):
    """The console on a serial line, all else on virtio ports; each on the given descriptor."""
    arguments = ["-device", "virtio-serial-pci"]
    for name, descriptor in channels.items():
        arguments += ["-chardev", f"socket,id={name},fd={descriptor}"]
        if name == "console":
            arguments += ["-serial", f"chardev:{name}"]
        else:
            arguments += ["-device", f"virtserialport,chardev={name},name={name}"]
    return arguments


def arguments(options, kernel, initrd, sockets, channels, accelerator):
    """All arguments of QEMU. `channels` are descriptors of connected sockets by name."""
    hugepages = options.hugepages // 2
    return [*accelerator_arguments(accelerator),
            "-machine", "q35,kernel-irqchip=split,memory-backend=ram",
            "-smp", str(options.cpus), "-m", f"{options.memory}M",
            "-object", f"memory-backend-memfd,id=ram,size={options.memory}M,share=on",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-device", "intel-iommu,intremap=on,caching-mode=on",
            *file_arguments(options.share), *device_arguments(sockets),
            *channel_arguments(channels), *options.qemu_arg,
            "-kernel", str(kernel / "vmlinux"), "-initrd", str(initrd),
            "-append", f"{KERNEL_ARGUMENTS} hugepages={hugepages}"]
