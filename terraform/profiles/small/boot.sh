#!/bin/bash
# What a new machine does at its first start: mount its disk, install Docker, run the chatroom.
# machine.tf puts these before it.
: "${VOLUME:?}" "${REPOSITORY:?}" "${REF:?}" "${DOMAIN:?}" "${ENVIRONMENT?}"
set -euo pipefail
exec > >(tee -a /var/log/chatroom-boot.log) 2>&1

# The disk arrives while the machine is starting. It is formatted only if it is blank.
disk=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME//-/}
for _ in $(seq 150); do
  [ -b "$disk" ] && break
  sleep 2
done
if ! blkid "$disk"; then
  # blkid fails over a disk that it cannot read, too.
  cmp --bytes=16M "$disk" /dev/zero || { echo "$disk is not blank: it is not formatted."; exit 1; }
  mkfs.ext4 -q -L chatroom "$disk"
fi
grep -q LABEL=chatroom /etc/fstab || echo "LABEL=chatroom /srv ext4 defaults,noatime 0 2" >> /etc/fstab
mountpoint -q /srv || mount /srv

# Volumes and images on that disk too; logs that do not fill it; never a Docker without its disk, or
# it would start an empty room.
mkdir -p /etc/docker /srv/docker /etc/systemd/system/docker.service.d
cat > /etc/docker/daemon.json <<'JSON'
{
  "data-root": "/srv/docker",
  "live-restore": true,
  "log-driver": "json-file",
  "log-opts": {"max-size": "20m", "max-file": "5"}
}
JSON
printf '[Unit]\nRequiresMountsFor=/srv\n' > /etc/systemd/system/docker.service.d/disk.conf

# Some room for building the image on a small machine.
if [ ! -f /swapfile ]; then
  fallocate -l 2G /swapfile
  chmod 600 /swapfile
  mkswap /swapfile
  echo "/swapfile none swap sw 0 0" >> /etc/fstab
fi
swapon -a

apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
  docker.io docker-buildx docker-compose-v2 git ca-certificates unattended-upgrades

# The domain and its settings are what the deployment is told; its secrets it makes for itself.
echo "$DOMAIN" > /srv/domain
echo "$ENVIRONMENT" > /srv/environment
[ -d /srv/chatroom ] || git clone -q "$REPOSITORY" /srv/chatroom
exec /srv/chatroom/terraform/profiles/small/deploy "$REF"
