#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Make recorder/cli/demo_speech.flac: the meeting that `modoptager demo` plays through real capture.
#
# Synthetic voices (espeak-ng) speak invented sentences: no person's voice, no personal data.
# Needs espeak-ng, sox and flac. Another espeak-ng version may give other samples; nothing depends
# on them, only on: 48 kHz, one channel, 16 bit, at most 9 seconds.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { espeak-ng -v "$2" -s 165 -w "$work/$1.wav" "$3"; }

say 1 da+f2 "Velkommen. Må kommunen også optage vores møde?"
say 2 da+m3 "Ja, det må I gerne."
say 3 da+f2 "Tak. Så taler vi om din ansøgning."

sox --no-dither "$work/1.wav" "$work/2.wav" "$work/3.wav" "$work/all.wav" gain -3 rate 48k
flac --silent --force --best --no-padding -o recorder/cli/demo_speech.flac "$work/all.wav"
