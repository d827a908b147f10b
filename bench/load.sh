# shellcheck shell=bash disable=SC2154,SC2016,SC2046 # sourced by bench/run
# Load: what a registry of 1, 100 and 1,000 plugins sustains, beside others,
# and what its visitors notice of rebuilds; and a soak.

# pressed FILE WHO CONNECTIONS URL LIST [BODY] runs wrk over a list of paths
# and records what it prints, the processor time of a request and the resident
# memory afterwards. A failed request, or none at all, is fatal.
pressed() {
	local out before after
	before=$(cpu "$2")
	out=$(wrk -t2 "-c$3" "-d${seconds}s" --timeout 10s -s bench/load.lua "$4" -- "$5" ${6:+"$6"})
	after=$(cpu "$2")
	out=$(grep '^requests=' <<<"$out")
	if [ "$(field failed <<<"$out")" != 0 ] || [ "$(field requests <<<"$out")" = 0 ]; then
		note "wrk -c$3 $4 $5: $out"
		exit 1
	fi
	record "$1-rate" "$(awk "BEGIN {print $(field requests <<<"$out") / $(field seconds <<<"$out")}")"
	record "$1-mb" "$(awk "BEGIN {print $(field bytes <<<"$out") / 1e6 / $(field seconds <<<"$out")}")"
	local name
	for name in p50_ms p99_ms p999_ms failed requests; do record "$1-$name" "$(field $name <<<"$out")"; done
	record "$1-cpu" "$(awk "BEGIN {print ($after - $before) / $(field requests <<<"$out")}")"
	record "$1-rss" "$(resident "$2")"
}

# resident NAME is the memory of a server and its children, in MiB.
resident() {
	local pid=${started[$1]}
	cat "/proc/$pid/status" $(pgrep -P "$pid" | sed 's|.*|/proc/&/status|') 2>/dev/null | awk '/^VmRSS/ {n += $2} END {print n / 1024}'
}

# serve_yards N [ARGUMENT…] starts our server for the first N plugins and the
# large one, over the store of all.
serve_yards() {
	local n=$1
	shift
	for i in $(seq "$n"); do printf '  - repository: acme/yard-%05d\n' "$i"; done | sed '1i plugins:\n  - repository: acme/large-yard' >"$work/load.yaml"
	start ours env PLUGINYARD_GITHUB_WEBHOOK_SECRET=measured "${serve_command[@]}" --data "$work/data" --config "$work/load.yaml" "$@"
	ready "$ours/healthz"
	until [ "$(curl -s "$ours/plugin_info.json" | grep -o '"slug":"' | wc -l)" = "$((n + 1))" ]; do sleep 0.2; done
}

# mirror N has nginx and the bare server answer as ours does for N plugins:
# documents, packages, a large one, and an update check of 50 plugins, up to 20
# of them ours.
mirror() {
	local n=$1 i slug paths check=/plugins/update-check/1.1/
	rm -rf "$work/root" && mkdir -p "$work/root$check"
	: >"$work/documents" && : >"$work/downloads"
	for i in $(seq "$n"); do
		slug=$(printf 'yard-%05d' "$i")
		echo "/$slug.json" >>"$work/documents"
	done
	(cd "$work/root" && sed "s|^|url = $ours|; s|\(.*\)/\(.*\)|&\noutput = \"\2\"|" "$work/documents" | curl -s --fail -K -)
	(cd "$work/root" && sed "s|\(.*\)/\(.*\)|url = $ours&\nheader = \"Accept-Encoding: gzip\"\noutput = \"\2.gz\"|" "$work/documents" | curl -s --fail -K -)
	sed "s|.*|url = $ours&\noutput = /dev/null|; s|json\$|zip|; s|json\n|zip\n|" "$work/documents" |
		curl -s --fail -w '%{redirect_url}\n' -K - | sed "s|^$ours||" >"$work/downloads"
	curl -s --fail -o "$work/body" -w '%{redirect_url}\n' "$ours/large-yard.zip" | sed "s|^$ours||" >"$work/large"
	cat "$work/downloads" "$work/large" | while read -r path; do
		mkdir -p "$work/root${path%/*}" && echo "url = $ours$path" && echo "output = \"$work/root$path\""
	done | curl -s --fail -K -
	"$work/bin/site" -form "50,$((n < 20 ? n : 20))" -base "$ours" >"$work/form"
	echo "$check" >"$work/checks"
	curl -s --fail -H 'Expect:' --data-binary "@$work/form" "$ours$check" >"$work/root/check.json"
	curl -s --fail -H 'Accept-Encoding: gzip' -H 'Expect:' --data-binary "@$work/form" "$ours$check" >"$work/root/check.json.gz"
	# A short answer is not compressed.
	gzip -tq "$work/root/check.json.gz" 2>/dev/null || rm "$work/root/check.json.gz"
	echo /check.json >"$work/checks-nginx"
	mapfile -t paths <"$work/documents"
	start bare "$work/bin/bare" -listen "127.0.0.1:$((port + 2))" -like "$ours" -root "$work/root" "${paths[@]}"
	start posted "$work/bin/bare" -listen "127.0.0.1:$((port + 4))" -like "$ours" -post "$work/form" "$check"
	start_nginx "$work/root"
	ready "$nginx/check.json" && ready "$bare/yard-00001.json"
	until curl -s -o "$work/body" "http://127.0.0.1:$((port + 4))/"; do sleep 0.1; done
}

# A cell of the tables: one kind of request, so many plugins and connections.
load_cell() {
	local round=$1 kind=$2 n=$3 connections=$4 who list url
	for who in $(turn "$round" ours bare nginx); do
		list=$work/$kind url=${!who}
		case $kind-$who in
		checks-nginx) list=$work/checks-nginx ;;
		checks-bare) url=http://127.0.0.1:$((port + 4)) who=posted ;;
		esac
		local body=""
		[ "$kind-$who" = checks-ours ] || [ "$who" = posted ] && body=$work/form
		pressed "$kind-$n-$connections-${who/posted/bare}" "$who" "$connections" "$url" "$list" "$body"
	done
}

# registry_in_php N measures the update server in PHP that WP_UPDATE_SERVER is
# a folder of, if it is there, with the same packages.
registry_in_php() {
	local n=$1 connections slug i php=http://127.0.0.1:$((port + 5))
	[ -n "${WP_UPDATE_SERVER:-}" ] || return 0
	rm -rf "$work/php" && cp -r "$WP_UPDATE_SERVER" "$work/php" && mkdir -p "$work/php/packages" "$work/php/cache" "$work/php/logs"
	: >"$work/php-documents" && : >"$work/php-downloads"
	while read -r path; do
		slug=$(cut -d/ -f3 <<<"$path")
		cp "$work/root$path" "$work/php/packages/$slug.zip"
		echo "/index.php?action=get_metadata&slug=$slug" >>"$work/php-documents"
		echo "/index.php?action=download&slug=$slug" >>"$work/php-downloads"
	done <"$work/downloads"
	PHP_CLI_SERVER_WORKERS=4 start php php -d opcache.enable_cli=1 -d display_errors=0 -S "127.0.0.1:$((port + 5))" -t "$work/php"
	ready "$php/index.php?action=get_metadata&slug=yard-00001"
	for kind in documents downloads; do
		for connections in 64 1024; do asked_php "php-$kind-$n-$connections" "$connections" "$work/php-$kind"; done
	done
	stop php
}

# asked_php FILE SITES LIST has so many sites ask it, over a connection each
# time: it ends each answer by closing, which wrk takes for a failure. Where it
# fails, that is counted.
asked_php() {
	local out before after name addresses
	mapfile -t addresses < <(sed "s|^|http://127.0.0.1:$((port + 5))|" "$3")
	before=$(cpu php)
	out=$("$work/bin/site" -sites "$2" -for "${seconds}s" -lenient -accept gzip "${addresses[@]}")
	after=$(cpu php)
	record "$1-rate" "$(field per_s <<<"$out")"
	for name in p50_ms p99_ms p999_ms failed; do record "$1-$name" "$(field $name <<<"$out")"; done
	record "$1-cpu" "$(awk "BEGIN {print ($after - $before) / $(field answers <<<"$out")}")"
}

# rebuilding has 100 plugins released at once, and visitors ask on: as fast as
# they are answered, and at a steady rate. A failed request is fatal.
rebuilding() {
	local visitors=$1 out from
	case $visitors in
	wrk) start visitors wrk -t2 -c64 "-d600s" --timeout 10s -s bench/load.lua "$ours" -- "$work/documents" ;;
	steady) start visitors "$work/bin/site" -sites 64 -for 600s -keep -every 50ms -accept gzip $(sed "s|^|$ours|" "$work/documents") ;;
	esac
	sleep 1
	from=$(now)
	curl -s --fail "$forge/_release?from=1&to=100" | awk '{printf "url = '"$ours"'/%s.json?want=%s\n", $1, $2}' >"$work/released"
	local version
	version=$(tail -1 "$work/released" | sed 's/.*want=//')
	until [ "$(curl -s "$ours/plugin_info.json" | grep -o "\"new_version\":\"$version\"" | wc -l)" -ge 100 ]; do sleep 0.1; done
	record "rebuild-$visitors-took" "$(($(now) - from))"
	kill -INT "${started[visitors]}"
	wait "${started[visitors]}" || true
	unset "started[visitors]"
	out=$(grep -o 'requests=.*\|answers=.*' "$work/visitors.log" | head -1)
	if [ "$(field failed <<<"$out")" != 0 ]; then
		note "while 100 plugins were rebuilt, $visitors: $out"
		exit 1
	fi
	local name
	for name in p50_ms p99_ms p999_ms failed; do record "rebuild-$visitors-$name" "$(field $name <<<"$out")"; done
	record "rebuild-$visitors-requests" "$(field requests <<<"${out/answers=/requests=}")"
	record "rebuild-$visitors-rate" "$(if [ "$visitors" = wrk ]; then awk "BEGIN {print $(field requests <<<"$out") / $(field seconds <<<"$out")}"; else field per_s <<<"$out"; fi)"
}

load() {
	rounds=${ROUNDS:-2} seconds=${SECONDS_EACH:-2}
	local counts=${COUNTS:-1 100 1000} connections=${CONNECTIONS:-64 1024} kinds='documents downloads large checks' most n c kind round
	most=$(tr ' ' '\n' <<<"$counts" | sort -n | tail -1)
	build pluginyard forge bare site
	ulimit -n "$(ulimit -Hn)"
	start_forge -plugins "$((most > 100 ? most : 100))" -large 8 -code 130000 -webhook "$ours/webhooks/github" -secret measured
	rm -rf "$work/data"
	note "building $((most > 100 ? most : 100)) plugins"
	serve_yards "$((most > 100 ? most : 100))"
	stop ours
	reset_values
	for n in $counts; do
		serve_yards "$n"
		mirror "$n"
		for round in $(seq "$rounds"); do
			note "$n plugins, round $round of $rounds: $(uptime | sed 's/.*load/load/')"
			for kind in $kinds; do
				for c in $connections; do
					! measured "$kind" "$n" "$c" || load_cell "$round" "$kind" "$n" "$c"
				done
			done
		done
		stop ours && stop bare && stop posted && stop nginx
		[ "$n" = 1000 ] || registry_in_php "$n"
	done
	serve_yards 100
	head -100 "$work/documents" >"$work/hundred" 2>/dev/null || true
	for i in $(seq 100); do printf '/yard-%05d.json\n' "$i"; done >"$work/documents"
	for round in $(seq "$rounds"); do rebuilding wrk && rebuilding steady; done
	stop ours && stop forge
	load_targets
	load_tables "$counts" "$connections" "$kinds"
}

# measured KIND N CONNECTIONS: how many others there are is nothing to the large
# download, and 1,024 of it at once take longer than a round.
measured() {
	[ "$1" != large ] || [ "$2-$3" = "${counts%% *}-${connections%% *}" ]
}

# lowest KIND OTHER is the lowest of all cells' ratios of ours to another's
# answers per second, each the median of its rounds, and which cell that is.
lowest() {
	local f
	for f in "$work/values/$1"-*-ours-rate; do
		f=$(basename "$f" -ours-rate)
		echo "$(ratio "$f-ours-rate" "$f-$2-rate" | cut -d' ' -f1) $(awk -F- '{print $(NF - 1) " plugins, " $NF " connections"}' <<<"$f")"
	done | sort -g | head -1
}

# target WORDS MEASURED CONDITION [WHERE] prints a row; the condition is awk's.
target() {
	printf '| %s | %s%s | %s |\n' "$1" "$2" "${4:+ ($4)}" "$(awk "BEGIN {print ($2 $3) ? \"yes\" : \"**no**\"}")"
}

# load_targets holds what was measured against what is promised. Whoever comes
# here had no failed request.
load_targets() {
	local value where
	echo "| target | measured | met |"
	echo "| --- | --- | --- |"
	read -r value where < <(lowest documents bare)
	target "documents, ours / bare Go at least 0.9, the lowest" "$value" ">= 0.9" "$where"
	read -r value where < <(lowest downloads nginx)
	target "small downloads, ours / nginx at least 0.95, the lowest" "$value" ">= 0.95" "$where"
	read -r value where < <(lowest large nginx)
	target "a download of 8 MB, ours / nginx at least 0.95" "$value" ">= 0.95" "$where"
	target "p99 of documents while 100 plugins are rebuilt below 5 ms, visitors at a steady rate" "$(m rebuild-steady-p99_ms .1f)" "< 5"
	target "no failed request" "$(cat "$work/values"/*-ours-failed "$work/values"/rebuild-*-failed | awk '{n += $1} END {print n + 0}')" "== 0" \
		"of $(cat "$work/values"/*-ours-requests "$work/values"/rebuild-*-requests | awk '{n += $1} END {print n}')"
	echo
}

# m FILE is the median as a number of a table.
m() { printf "%${2:-.0f}" "$(median "$1")"; }

load_tables() {
	local counts=$1 connections=$2 kinds=$3 n c kind who f
	echo "| answers per second | plugins | connections | ours | bare Go | nginx | ours / bare | ours / nginx |"
	echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
	for kind in $kinds; do for n in $counts; do for c in $connections; do
		measured "$kind" "$n" "$c" || continue
		f=$kind-$n-$c
		printf '| %s | %d | %d | %s | %s | %s | %s | %s |\n' "$kind" "$n" "$c" "$(m "$f"-ours-rate)" "$(m "$f"-bare-rate)" "$(m "$f"-nginx-rate)" \
			"$(ratio "$f-ours-rate" "$f-bare-rate")" "$(ratio "$f-ours-rate" "$f-nginx-rate")"
	done; done; done
	echo
	echo "| p50, p99, p99.9 in ms | plugins | connections | ours | bare Go | nginx |"
	echo "| --- | ---: | ---: | ---: | ---: | ---: |"
	for kind in $kinds; do for n in $counts; do for c in $connections; do
		measured "$kind" "$n" "$c" || continue
		printf '| %s | %d | %d' "$kind" "$n" "$c"
		for who in ours bare nginx; do
			f=$kind-$n-$c-$who
			printf ' | %s, %s, %s' "$(m "$f"-p50_ms .2f)" "$(m "$f"-p99_ms .1f)" "$(m "$f"-p999_ms .1f)"
		done
		echo ' |'
	done; done; done
	echo
	echo "| processor µs of a request; resident MiB | plugins | connections | ours | bare Go | nginx |"
	echo "| --- | ---: | ---: | ---: | ---: | ---: |"
	for kind in $kinds; do for n in $counts; do for c in $connections; do
		measured "$kind" "$n" "$c" || continue
		printf '| %s | %d | %d' "$kind" "$n" "$c"
		for who in ours bare nginx; do
			f=$kind-$n-$c-$who
			printf ' | %s; %s' "$(m "$f"-cpu .1f)" "$(m "$f"-rss)"
		done
		echo ' |'
	done; done; done
	echo
	if [ -n "${WP_UPDATE_SERVER:-}" ]; then
		echo "| wp-update-server, PHP $(php -r 'echo PHP_VERSION;') | plugins | connections | answers/s | p50, p99, p99.9 in ms | processor µs | failed | ours / it |"
		echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
		for kind in documents downloads; do for n in $counts; do for c in 64 1024; do
			f=php-$kind-$n-$c
			if ! [ -f "$work/values/$f-rate" ] || ! [ -f "$work/values/$kind-$n-$c-ours-rate" ]; then continue; fi
			printf '| %s | %d | %d | %s | %s, %s, %s | %s | %s | %s |\n' "$kind" "$n" "$c" "$(m "$f"-rate)" "$(m "$f"-p50_ms .1f)" "$(m "$f"-p99_ms .1f)" "$(m "$f"-p999_ms .1f)" \
				"$(m "$f"-cpu)" "$(m "$f"-failed)" "$(awk "BEGIN {printf \"%.0f\", $(median "$kind-$n-$c-ours-rate") / $(median "$f-rate")}")"
		done; done; done
	else
		echo "No registry in PHP was measured: WP_UPDATE_SERVER names no folder of one."
	fi
	echo
	echo "| while 100 plugins are rebuilt | answers/s | p50, ms | p99 | p99.9 | failed | rebuilt after, ms |"
	echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
	printf '| 64 connections, as fast as they can | %s | %s | %s | %s | %s | %s |\n' "$(m rebuild-wrk-rate)" "$(m rebuild-wrk-p50_ms .2f)" "$(m rebuild-wrk-p99_ms .1f)" "$(m rebuild-wrk-p999_ms .1f)" "$(m rebuild-wrk-failed)" "$(m rebuild-wrk-took)"
	printf '| 64 sites, each 20 times a second | %s | %s | %s | %s | %s | %s |\n' "$(m rebuild-steady-rate)" "$(m rebuild-steady-p50_ms .2f)" "$(m rebuild-steady-p99_ms .1f)" "$(m rebuild-steady-p999_ms .1f)" "$(m rebuild-steady-failed)" "$(m rebuild-steady-took)"
}

# A soak: sites ask for everything, some slowly, while plugins are released.
soak() {
	build pluginyard forge site soak
	ulimit -n "$(ulimit -Hn)"
	start_forge -plugins 100 -large 8 -code 130000 -webhook "$ours/webhooks/github" -secret measured
	rm -rf "$work/data"
	serve_yards 100 --admin-listen "127.0.0.1:$((port + 2))"
	"$work/bin/site" -form 50,20 -base "$ours" >"$work/form"
	"$work/bin/soak" -base "$ours" -forge "$forge" -pid "${started[ours]}" -form "$work/form" -minutes "${MINUTES:-30}" -every "${SAMPLE:-30s}" -metrics "${METRICS:-$bare/metrics}"
}
