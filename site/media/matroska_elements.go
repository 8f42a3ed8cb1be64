package media

// IDs of elements to which the cleaner refers (RFC 8794 §11.2, RFC 9559 §5.1).
const (
	idEBML             = 0x1a45dfa3
	idDocType          = 0x4282
	idVoid             = 0xec
	idSegment          = 0x18538067
	idSeekHead         = 0x114d9b74
	idSeek             = 0x4dbb
	idSeekID           = 0x53ab
	idInfo             = 0x1549a966
	idTracks           = 0x1654ae6b
	idTrackEntry       = 0xae
	idTrackNumber      = 0xd7
	idTrackType        = 0x83
	idContentEncodings = 0x6d80
	idVideo            = 0xe0
	idColour           = 0x55b0
	idMastering        = 0x55d0
	idProjection       = 0x7670
	idAudio            = 0xe1
	idCluster          = 0x1f43b675
	idSimpleBlock      = 0xa3
	idBlockGroup       = 0xa0
	idBlock            = 0xa1
	idBlockAdditions   = 0x75a1
	idBlockMore        = 0xa6
	idCues             = 0x1c53bb6b
	idCuePoint         = 0xbb
	idCuePositions     = 0xb7
)

// The treatment of an element.
const (
	asVoid   = iota // replaced by a Void element
	asMaster        // kept, its children are processed
	asNumber        // kept, with at most eight bytes
	asData          // kept
	asBlank         // kept, its content becomes zeros
)

// A webmElement is a kept kind of element.
type webmElement struct {
	parent uint32 // 0 for the outermost elements
	kind   int
}

// webmElements are all kept elements. Checksums are removed, because they would be
// wrong.
var webmElements = map[uint32]webmElement{
	idEBML:    {0, asMaster},
	0x4286:    {idEBML, asNumber}, // EBMLVersion
	0x42f7:    {idEBML, asNumber}, // EBMLReadVersion
	0x42f2:    {idEBML, asNumber}, // EBMLMaxIDLength
	0x42f3:    {idEBML, asNumber}, // EBMLMaxSizeLength
	idDocType: {idEBML, asNumber},
	0x4287:    {idEBML, asNumber}, // DocTypeVersion
	0x4285:    {idEBML, asNumber}, // DocTypeReadVersion

	idSegment:  {0, asMaster},
	idSeekHead: {idSegment, asMaster},
	idSeek:     {idSeekHead, asMaster},
	idSeekID:   {idSeek, asNumber},
	0x53ac:     {idSeek, asNumber}, // SeekPosition

	idInfo:   {idSegment, asMaster},
	0x2ad7b1: {idInfo, asNumber}, // TimestampScale
	0x4489:   {idInfo, asNumber}, // Duration
	0x4d80:   {idInfo, asBlank},  // MuxingApp
	0x5741:   {idInfo, asBlank},  // WritingApp

	idTracks:      {idSegment, asMaster},
	idTrackEntry:  {idTracks, asMaster},
	idTrackNumber: {idTrackEntry, asNumber},
	0x73c5:        {idTrackEntry, asNumber}, // TrackUID
	idTrackType:   {idTrackEntry, asNumber},
	0xb9:          {idTrackEntry, asNumber}, // FlagEnabled
	0x88:          {idTrackEntry, asNumber}, // FlagDefault
	0x55aa:        {idTrackEntry, asNumber}, // FlagForced
	0x9c:          {idTrackEntry, asNumber}, // FlagLacing
	0x6de7:        {idTrackEntry, asNumber}, // MinCache
	0x6df8:        {idTrackEntry, asNumber}, // MaxCache
	0x23e383:      {idTrackEntry, asNumber}, // DefaultDuration
	0x55ee:        {idTrackEntry, asNumber}, // MaxBlockAdditionID
	0x22b59c:      {idTrackEntry, asNumber}, // Language, of three letters
	0x86:          {idTrackEntry, asData},   // CodecID
	0x63a2:        {idTrackEntry, asData},   // CodecPrivate
	0x56aa:        {idTrackEntry, asNumber}, // CodecDelay
	0x56bb:        {idTrackEntry, asNumber}, // SeekPreRoll

	idVideo: {idTrackEntry, asMaster},
	0xb0:    {idVideo, asNumber}, // PixelWidth
	0xba:    {idVideo, asNumber}, // PixelHeight
	0x54aa:  {idVideo, asNumber}, // PixelCropBottom
	0x54bb:  {idVideo, asNumber}, // PixelCropTop
	0x54cc:  {idVideo, asNumber}, // PixelCropLeft
	0x54dd:  {idVideo, asNumber}, // PixelCropRight
	0x54b0:  {idVideo, asNumber}, // DisplayWidth
	0x54ba:  {idVideo, asNumber}, // DisplayHeight
	0x54b2:  {idVideo, asNumber}, // DisplayUnit
	0x54b3:  {idVideo, asNumber}, // AspectRatioType
	0x9a:    {idVideo, asNumber}, // FlagInterlaced
	0x9d:    {idVideo, asNumber}, // FieldOrder
	0x53b8:  {idVideo, asNumber}, // StereoMode
	0x53c0:  {idVideo, asNumber}, // AlphaMode

	idColour:    {idVideo, asMaster},
	0x55b1:      {idColour, asNumber}, // MatrixCoefficients
	0x55b2:      {idColour, asNumber}, // BitsPerChannel
	0x55b3:      {idColour, asNumber}, // ChromaSubsamplingHorz
	0x55b4:      {idColour, asNumber}, // ChromaSubsamplingVert
	0x55b5:      {idColour, asNumber}, // CbSubsamplingHorz
	0x55b6:      {idColour, asNumber}, // CbSubsamplingVert
	0x55b7:      {idColour, asNumber}, // ChromaSitingHorz
	0x55b8:      {idColour, asNumber}, // ChromaSitingVert
	0x55b9:      {idColour, asNumber}, // Range
	0x55ba:      {idColour, asNumber}, // TransferCharacteristics
	0x55bb:      {idColour, asNumber}, // Primaries
	0x55bc:      {idColour, asNumber}, // MaxCLL
	0x55bd:      {idColour, asNumber}, // MaxFALL
	idMastering: {idColour, asMaster},
	0x55d1:      {idMastering, asNumber}, // PrimaryRChromaticityX, then Y, G, B
	0x55d2:      {idMastering, asNumber},
	0x55d3:      {idMastering, asNumber},
	0x55d4:      {idMastering, asNumber},
	0x55d5:      {idMastering, asNumber},
	0x55d6:      {idMastering, asNumber},
	0x55d7:      {idMastering, asNumber}, // WhitePointChromaticityX
	0x55d8:      {idMastering, asNumber}, // WhitePointChromaticityY
	0x55d9:      {idMastering, asNumber}, // LuminanceMax
	0x55da:      {idMastering, asNumber}, // LuminanceMin

	idProjection: {idVideo, asMaster},
	0x7671:       {idProjection, asNumber}, // ProjectionType
	0x7673:       {idProjection, asNumber}, // ProjectionPoseYaw
	0x7674:       {idProjection, asNumber}, // ProjectionPosePitch
	0x7675:       {idProjection, asNumber}, // ProjectionPoseRoll

	idAudio: {idTrackEntry, asMaster},
	0xb5:    {idAudio, asNumber}, // SamplingFrequency
	0x78b5:  {idAudio, asNumber}, // OutputSamplingFrequency
	0x9f:    {idAudio, asNumber}, // Channels
	0x6264:  {idAudio, asNumber}, // BitDepth

	idCluster:        {idSegment, asMaster},
	0xe7:             {idCluster, asNumber}, // Timestamp
	0xa7:             {idCluster, asNumber}, // Position
	0xab:             {idCluster, asNumber}, // PrevSize
	idSimpleBlock:    {idCluster, asData},
	idBlockGroup:     {idCluster, asMaster},
	idBlock:          {idBlockGroup, asData},
	0x9b:             {idBlockGroup, asNumber}, // BlockDuration
	0xfa:             {idBlockGroup, asNumber}, // ReferencePriority
	0xfb:             {idBlockGroup, asNumber}, // ReferenceBlock
	0x75a2:           {idBlockGroup, asNumber}, // DiscardPadding
	idBlockAdditions: {idBlockGroup, asMaster},
	idBlockMore:      {idBlockAdditions, asMaster},
	0xa5:             {idBlockMore, asData},   // BlockAdditional: a picture's transparency
	0xee:             {idBlockMore, asNumber}, // BlockAddID

	idCues:         {idSegment, asMaster},
	idCuePoint:     {idCues, asMaster},
	0xb3:           {idCuePoint, asNumber}, // CueTime
	idCuePositions: {idCuePoint, asMaster},
	0xf7:           {idCuePositions, asNumber}, // CueTrack
	0xf1:           {idCuePositions, asNumber}, // CueClusterPosition
	0xf0:           {idCuePositions, asNumber}, // CueRelativePosition
	0xb2:           {idCuePositions, asNumber}, // CueDuration
	0x5378:         {idCuePositions, asNumber}, // CueBlockNumber
}
