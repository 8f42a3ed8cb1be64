// Package filestamp has the attributes of a file that show, without reading it, whether
// it changed: size, times and inode.
//
// [Of] takes them from a description of the file. A [Folder] finds those of many files in
// one folder faster.
package filestamp
