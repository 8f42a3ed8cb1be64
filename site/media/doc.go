// Package media determines the type of an uploaded file by its content, and removes
// the data about the place, time and person of the recording.
//
// [Clean] copies an upload before it is published. The pictures and the sound stay
// unchanged, bit for bit: nothing is decoded and encoded again. The cleaner copies
// only the parts that are known to be needed to show or play the file. It removes
// everything else: EXIF, XMP and IPTC, comments, thumbnails, GPS tracks in a video,
// names of devices and programs, unknown chunks, video brands that name a camera,
// media data without a track, and a second file that is hidden after the end of the
// first. The orientation of a picture is kept. The songs of MP3 and Ogg files keep
// their title, artist, album, track and genre. M4A keeps none of these, because
// telephones name a recording after the street in which it was made.
//
// Cleaning a clean file changes nothing, so that the hash of the result can be its
// name. A file of any size is read through one small buffer. A refusal is an
// [Error], whose sentence may be shown to the sender.
//
// The package never trusts a file name or a declared type, never holds a whole file
// in memory, and is independent of HTTP and of the places where files are stored. It
// cannot remove the content of the picture or the sound itself: a face, a voice, a
// watermark, an ICC profile, a note within a video frame.
package media
