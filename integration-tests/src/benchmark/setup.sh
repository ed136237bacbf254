#!/usr/bin/env bash
# Installs what the benchmarks compare with, on Debian and Ubuntu, as root. A comparison whose tool is missing is left out.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# nginx is started by the benchmark itself, on a port of its own; the package's service is not.
apt-get install -y -qq --no-install-recommends rsync nginx-light curl openssl iperf3
