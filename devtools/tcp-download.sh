# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# A real TCP download through an event device: a client and a server, each in a network namespace of
# its own, whose only way to each other is DPDK's l3fwd in event mode between two tap ports.
#
#   client 198.18.0.2 --- dtap0 = net_tap0 --- Rx adapter --- event device --- l3fwd ---.
#                                                                                       |
#   server 198.18.1.2 --- dtap1 = net_tap1 --- Tx adapter --- event device -------------'
#
# and the same the other way round.
#
# The addresses are those of l3fwd's built-in routes (198.18.X.0/24 goes out of port X). The taps
# are made in a third namespace, where l3fwd runs, and then moved; l3fwd keeps their file
# descriptors. l3fwd doesn't answer ARP, so neighbours are set by hand. Needs lib.sh, dpdk-source.sh
# and eventdev.sh.

TCP_SIZE=$((32 * 1024 * 1024))
TCP_PORT=8000

tap_mac() {
	printf '02:00:00:00:00:0%s' "$1"
}

# The address that l3fwd sends to, the tap's kernel side; the other side, net_tap's own, is a
# different one.
kernel_mac() {
	printf '02:00:00:00:01:0%s' "$1"
}

tcp_is_possible() {
	if [ "$(id -u)" != 0 ]; then
		say "network namespaces and tap devices need root"
		return 1
	fi
	if [ ! -c /dev/net/tun ]; then
		say "there is no /dev/net/tun: 'modprobe tun' first"
		return 1
	fi
}

# Waits up to $1 seconds until a command succeeds.
wait_until() {
	local end=$((SECONDS + $1))
	shift

	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# Gives tap $1 to namespace $2 as its only interface, with the route to the other side.
tcp_place_tap() {
	local tap=dtap$1 namespace=$2 subnet=198.18.$1 other=198.18.$((1 - $1)).0/24

	ip -n "$TCP_NS-l3fwd" link set "$tap" netns "$namespace" || return
	ip -n "$namespace" -batch - <<-END
		link set $tap address $(kernel_mac "$1")
		addr add $subnet.2/24 dev $tap
		link set $tap up
		neigh add $subnet.1 lladdr $(tap_mac "$1") dev $tap nud permanent
		route add $other via $subnet.1
	END
}

tcp_l3fwd_forwards() {
	grep -qs 'entering lpm_event_loop' "$TCP_DIR/l3fwd.log"
}

tcp_l3fwd_is_decided() {
	tcp_l3fwd_forwards || ! kill -0 "$TCP_L3FWD" 2>/dev/null
}

# Starts l3fwd over device $2, with the driver built in $1, and waits until it forwards.
tcp_start_l3fwd() {
	local program port
	local -a ports=()

	program=$(dpdk_example l3fwd) || return
	use_device "$1" "$2" || return
	for port in 0 1; do
		ports+=("--vdev=net_tap$port,iface=dtap$port,mac=$(tap_mac $port)")
	done
	ip netns exec "$TCP_NS-l3fwd" timeout -k 5 120 "$program" "${EAL_COMMON[@]}" -m 512 \
		--lcores "0@$CPU_A,1@$CPU_B" -s 0x1 --main-lcore 1 \
		"${EAL_DEVICE[@]}" "${ports[@]}" -- -p 0x3 --mode=eventdev --eventq-sched=atomic -L \
		--eth-dest="0,$(kernel_mac 0)" --eth-dest="1,$(kernel_mac 1)" \
		</dev/null >"$TCP_DIR/l3fwd.log" 2>&1 &
	TCP_L3FWD=$!
	wait_until 30 tcp_l3fwd_is_decided
	tcp_l3fwd_forwards && return
	cat "$TCP_DIR/l3fwd.log"
	say "l3fwd did not start over $2: see its output above"
	return 1
}

tcp_is_listening() {
	ss -N "$TCP_NS-server" -Hltn "sport = :$TCP_PORT" | grep -q .
}

tcp_start_server() {
	mkdir "$TCP_DIR/served"
	head -c "$TCP_SIZE" /dev/urandom >"$TCP_DIR/served/file"
	ip netns exec "$TCP_NS-server" timeout 120 python3 -m http.server --bind 198.18.1.2 \
		--directory "$TCP_DIR/served" $TCP_PORT </dev/null >"$TCP_DIR/server.log" 2>&1 &
	wait_until 20 tcp_is_listening && return
	cat "$TCP_DIR/server.log"
	say "the HTTP server did not start: see its output above"
	return 1
}

# Fetches the file into $TCP_DIR/fetched and prints how many seconds that took.
tcp_fetch() {
	local url=http://198.18.1.2:$TCP_PORT/file

	limited 90 ip netns exec "$TCP_NS-client" python3 - "$url" "$TCP_DIR/fetched" <<-'END'
		import shutil, sys, time, urllib.request
		start = time.monotonic()
		with urllib.request.urlopen(sys.argv[1], timeout=30) as reply:
		    with open(sys.argv[2], "wb") as file:
		        shutil.copyfileobj(reply, file, 1 << 20)
		print(f"{time.monotonic() - start:.2f}")
	END
}

# Packets that one end's tap has sent and received, and segments it has sent again.
tcp_packets() {
	local statistics=/sys/class/net/$2/statistics

	ip netns exec "$TCP_NS-$1" cat "$statistics/tx_packets" "$statistics/rx_packets" |
		paste -sd ' '
}

tcp_retransmitted() {
	ip netns exec "$TCP_NS-server" nstat -asz TcpRetransSegs |
		awk '$1 == "TcpRetransSegs" { print $2 }'
}

# l3fwd stops the event device and its adapters on SIGINT: a driver that hangs there must not pass.
tcp_stop_l3fwd() {
	kill -INT "$TCP_L3FWD"
	wait "$TCP_L3FWD" && grep -q 'Bye' "$TCP_DIR/l3fwd.log" && return
	tail -n 20 "$TCP_DIR/l3fwd.log"
	say "l3fwd did not stop cleanly: see its output above"
	return 1
}

tcp_clean_up() {
	local name

	trap - EXIT INT TERM
	# shellcheck disable=SC2046
	kill $(jobs -p) 2>/dev/null
	wait
	for name in client server l3fwd; do
		ip netns del "$TCP_NS-$name" 2>/dev/null
	done
	rm -rf "$TCP_DIR"
}

# Carries the file and prints one line about it. Leaves nothing behind. usage: tcp_download BUILD
# DEVICE
tcp_download() (
	set +e
	local name seconds sent received here there rate

	tcp_is_possible || return
	TCP_NS=dlb2-$BASHPID
	TCP_DIR=$(mktemp -d)
	trap tcp_clean_up EXIT
	trap 'exit 130' INT TERM
	for name in client server l3fwd; do
		ip netns add "$TCP_NS-$name" || return
	done

	tcp_start_l3fwd "$1" "$2" || return
	tcp_place_tap 0 "$TCP_NS-client" && tcp_place_tap 1 "$TCP_NS-server" || return
	tcp_start_server || return
	if ! seconds=$(tcp_fetch); then
		tail -n 20 "$TCP_DIR/l3fwd.log"
		say "the download failed; the client's packets, out and in: $(tcp_packets client dtap0)"
		return 1
	fi
	read -r sent received < <(tcp_packets client dtap0)
	here=$(sha256sum <"$TCP_DIR/served/file")
	there=$(sha256sum <"$TCP_DIR/fetched")
	if [ "$here" != "$there" ]; then
		say "sha256 differs: $here served, $there fetched"
		return 1
	fi
	rate=$(awk "BEGIN { printf \"%.1f\", $TCP_SIZE / 1048576 / $seconds }")
	say "$((TCP_SIZE >> 20)) MiB by TCP in $seconds s ($rate MiB/s)," \
		"$((sent + received)) packets forwarded, $(tcp_retransmitted) sent again," \
		"sha256 ${here:0:16}... at both ends"
	tcp_stop_l3fwd
)
