#!/usr/bin/env bash
# Adds digests to the images of the Compose file and the Dockerfiles, as repository:tag@sha256:…, or renews them. A digest is that of
# the image's index, so it holds for every architecture. Needs docker buildx and access to the registries.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

files=(docker-compose.yml deploy/spark/Dockerfile src/GrainSensors/Dockerfile)
# Images of this repository are built, not pulled.
images=$(sed -nE 's/^( *image:|FROM( --platform=[^ ]+)?) +([^ @]+)(@[^ ]+)?( AS .*)?$/\3/p' "${files[@]}" | grep -v '^grainsensors' | sort -u)
for image in $images; do
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image")
    if [[ ! $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
        echo "The digest of $image must be sha256: and 64 hexadecimal digits; got \"$digest\"." >&2
        exit 1
    fi
    sed -i -E "s|( ${image//./\\.})(@[^ ]+)?( .*)?\$|\1@$digest\3|" "${files[@]}"
    echo "$image@$digest"
done
