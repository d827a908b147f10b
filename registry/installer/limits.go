package installer

// Limits on what is read. They are far beyond any plugin that WordPress can
// install, and keep what one hostile zip can cost small: at most some tens of
// MiB of memory and some seconds of one processor.
const (
	// MaxArchiveBytes is the size of a zip: a generous monorepo. Below 4 GiB,
	// so that an installer never needs the 64-bit extension.
	MaxArchiveBytes = 1 << 30
	// MaxEntries is how many entries a zip may have: what its format can
	// count without the 64-bit extension. The largest plugins have some
	// 20,000 files.
	MaxEntries = 1<<16 - 2
	// MaxDirectoryBytes is the size of a zip's directory: MaxEntries entries
	// with names of 150 bytes.
	MaxDirectoryBytes = 16 << 20
	// MaxNameBytes is the length of an entry's name with all its folders, a
	// quarter of what Linux lets a path have.
	MaxNameBytes = 1024
	// MaxElementBytes is the length of one file's or folder's own name, as
	// usual file systems have it.
	MaxElementBytes = 255
	// MaxDepth is how many folders deep a file may lie.
	MaxDepth = 64
	// MaxFileBytes is the inflated size of one kept file. WordPress unpacks
	// each file in memory and gives itself 256 MiB.
	MaxFileBytes = 256 << 20
	// MaxTotalBytes is the inflated size of all kept files together.
	MaxTotalBytes = 1 << 30
	// MaxRatio is how many times larger than their compressed bytes all kept
	// files together may be, once they exceed MinRatioBytes. Source code
	// shrinks to a quarter, generated tables to a fiftieth; a bomb is near
	// deflate's limit of a thousandth.
	MaxRatio = 200
	// MinRatioBytes is the inflated size below which MaxRatio is not applied:
	// so little does no harm.
	MinRatioBytes = 8 << 20
	// MaxIgnoreBytes is the size of all .distignore files of a plugin
	// together. Real ones have less than 4 KiB.
	MaxIgnoreBytes = 64 << 10
	// MaxIgnoreWork bounds the matching of names against patterns, in steps
	// of about a nanosecond: hundreds of times what a large plugin with a
	// long .distignore needs.
	MaxIgnoreWork = 4 << 30
	// MaxOmitted is how many left-out files and folders a Result names.
	MaxOmitted = 1000
	// MaxWarnings is how many warnings a Result gives.
	MaxWarnings = 100
)
