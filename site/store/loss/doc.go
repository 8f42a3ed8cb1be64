// Package loss decides whether files that are missing on disk were deleted by their owner.
//
// If most files of a folder are missing at once, a disk may not be mounted, or another
// program may be in the middle of its work. Such a [Loss] is not believed at first: it is
// held, which the index records, and the outputs of the files stay. [Losses] believe it when
// the same files are missing a minute later, or when the owner allows it.
//
// The package removes nothing: its callers do, when a loss is believed.
package loss
