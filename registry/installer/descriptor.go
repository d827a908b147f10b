package installer

import "encoding/binary"

// descriptorSize is the longest data descriptor: signature, checksum, and two
// sizes of eight bytes.
const (
	descriptorSize      = 24
	descriptorSignature = 0x08074b50
)

// descriptorsSound reports whether the data descriptors that follow the kept
// entries' data say what the directory says. Readers that go by them would
// call the zip broken otherwise; those that go by the directory do not look.
func (rd *Reader) descriptorsSound(kept []*entry) (bool, error) {
	for _, e := range kept {
		if e.flags&flagDescriptor == 0 {
			continue
		}
		var head [localSize]byte
		if err := readFull(rd.r, head[:], e.offset); err != nil {
			return false, err
		}
		at := e.offset + localSize + int64(binary.LittleEndian.Uint16(head[26:])) + int64(binary.LittleEndian.Uint16(head[28:])) + e.compressed
		record := make([]byte, min(descriptorSize, max(e.limit-at, 0)))
		if err := readFull(rd.r, record, at); err != nil {
			return false, err
		}
		if len(record) >= 4 && binary.LittleEndian.Uint32(record) == descriptorSignature {
			record = record[4:]
		}
		if !e.describedBy(record) {
			return false, nil
		}
	}
	return true, nil
}

// describedBy reports whether a descriptor, without its signature and with
// sizes of four or eight bytes, is the entry's (APPNOTE 6.3, 4.3.9).
func (e *entry) describedBy(record []byte) bool {
	if len(record) < 12 || binary.LittleEndian.Uint32(record) != e.crc {
		return false
	}
	if int64(binary.LittleEndian.Uint32(record[4:])) == e.compressed && int64(binary.LittleEndian.Uint32(record[8:])) == e.size {
		return true
	}
	return len(record) >= 20 && binary.LittleEndian.Uint64(record[4:]) == uint64(e.compressed) && binary.LittleEndian.Uint64(record[12:]) == uint64(e.size)
}
