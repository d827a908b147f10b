package registry

import (
	"crypto/sha256"
	"encoding/hex"
)

// etagBytes is how much of a digest an entity tag shows: 128 bits tell any two
// documents apart.
const etagBytes = 16

func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return etagOf(Digest(hex.EncodeToString(sum[:])))
}

func etagOf(digest Digest) string {
	return `"` + string(digest[:min(len(digest), 2*etagBytes)]) + `"`
}
