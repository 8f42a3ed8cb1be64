# Recipes for people who work on StarPunk. CI needs none of them: it runs .ci/run.

# list the recipes
default:
    @just --list --unsorted

# show the sample site on this machine, built again at every change
run:
    go run ./cmd/starpunk serve --dev

# make the program: one static binary, ./starpunk
build:
    CGO_ENABLED=0 go build -trimpath -o starpunk ./cmd/starpunk

# run all tests with the race detector
test:
    go test -race ./...

# look for mistakes without running anything
lint:
    .ci/lint

# build the program for every system into dist/, with packages and checksums; CHECK=1 builds each twice
release *targets:
    .ci/release {{ targets }}

# build the packages for Linux, look into them, and install one in a folder
package-check:
    .ci/package-check

# compile for systems other than this one
portable:
    GOOS=darwin GOARCH=arm64 go build ./...
    GOOS=freebsd go build ./...
    GOOS=windows go build $(go list ./... | grep -v '^starpunk/cmd/bench$')

# everything that CI runs: do this before you push
check:
    .ci/run

# run each fuzz target for a while and list what they found: FUZZTIME=10m just fuzz ./site
fuzz packages="./...":
    FUZZTIME="${FUZZTIME:-100000x}" .ci/fuzz {{ packages }}

# run the benchmarks of single packages
bench-code:
    go test -run '^$' -bench . -benchmem ./...

# measure StarPunk against Hugo, on the RAM disk and on a disk: just bench -sizes 1000
bench *flags:
    go run ./cmd/bench {{ flags }}

# the same up to 100,000 notes, on the RAM disk alone, and draw the plots in docs/
bench-100k *flags:
    go run ./cmd/bench -sizes 1000,10000,100000 -rounds 3 -hugo-saves 1 -disk "" -plot docs/performance {{ flags }}

# measure how posts are received, in memory and on a disk: just bench-receiver -posts 100
bench-receiver *flags:
    go run ./cmd/benchreceiver -dirs /dev/shm,/var/tmp {{ flags }}

# kill the program at many moments, 500 times unless STARPUNK_ROUNDS says
# otherwise, and look what is left
torture:
    STARPUNK_ROUNDS="${STARPUNK_ROUNDS:-500}" go test ./cmd/starpunk -run '^TestTorture$' -count=1 -timeout 2h -v

# start 20 processes at once on a new index, 50 times
herd:
    STARPUNK_ROUNDS="${STARPUNK_ROUNDS:-50}" go test ./cmd/starpunk -run Herd -count=1 -timeout 30m -v

# clients, readers and an editor at once for a while: just soak 3m
soak length="10m":
    STARPUNK_SOAK={{ length }} STARPUNK_SOAK_PLOT="$PWD/docs/screenshots/soak.svg" go test ./cmd/starpunk -run '^TestSoak$' -count=1 -timeout 12h -v

# rewrite the golden pages and feeds; read the difference before you commit it
golden:
    go test ./generator -update
    git diff --stat -- generator/testdata

# bring an old site over, and look whether each address in a file still leads to a page
import-check site addresses *flags:
    .ci/import-check {{ site }} {{ addresses }} {{ flags }}

# post to the sample site with an app's library from npm
clients:
    .ci/clients/run

# follow docs/quickstart.md to the letter in a fresh folder, up to a post from an app; "outside" uses an outside provider
newcomer provider="own":
    .ci/newcomer/run {{ provider }}

# run the configurations of docs/deploy with the real servers
deploy-check:
    .ci/deploy-check

# ask an HTML validator, an accessibility checker, a microformats parser and
# Lighthouse what they think of the pages: needs Chromium and npm
site-check *checks:
    .ci/pages/run {{ checks }}

# take pictures of every kind of page, and those of the README, with Chromium
look folder="":
    .ci/pages/look {{ folder }}
