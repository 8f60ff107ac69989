package kernel

// A line is the codes of a row, of up to 64 columns, side by side. Of many rows that are scattered over a table each is
// then fetched once, and all that is looked for is found in all columns at about the price of one.

// LineWidth is the number of codes of a line.
const LineWidth = 64

// Lined reports whether the processor has the instructions for lines; where it has not, columns are faster.
func Lined() bool { return lined }

// TrialWidth is how many columns are tried together.
const TrialWidth = 8

// A Trial is a cut in each of up to TrialWidth columns of a line.
type Trial struct {
	// the order of the fields is known to the assembly
	Columns [TrialWidth]uint8
	Cuts    [TrialWidth]uint8 // last codes that go left
	Sums    [TrialWidth]int64 // of the words of the rows that go left
}

// Lines is a table of codes row by row. A row has stride bytes: 16, 32 or a multiple of 64.
type Lines struct {
	Codes  []uint8
	Stride int
}

// NewLines makes room for so many rows and columns.
func NewLines(rows, columns int) Lines {
	stride := (columns + LineWidth - 1) / LineWidth * LineWidth
	if columns <= LineWidth/2 {
		stride = LineWidth / 2
	}
	if columns <= LineWidth/4 {
		stride = LineWidth / 4
	}
	return Lines{make([]uint8, rows*stride), stride}
}

// Row is the codes of a row.
func (l *Lines) Row(r int) []uint8 { return l.Codes[r*l.Stride:][:l.Stride] }

// Fill sets the codes of a column.
func (l *Lines) Fill(column int, codes []uint16) {
	at := column
	for _, c := range codes {
		l.Codes[at] = uint8(c)
		at += l.Stride
	}
}

// Count is the number of lines that a row has.
func (l *Lines) Count() int { return (l.Stride + LineWidth - 1) / LineWidth }

// Extents finds the smallest and the largest code of every column of line k in the rows, of which there is at least one.
func (l *Lines) Extents(k int, rows []int32, lo, hi *[LineWidth]uint8) {
	switch at := &l.Codes[k*LineWidth]; {
	case !lined:
		l.extents(k, rows, lo, hi)
	case l.Stride == LineWidth/4:
		lineExtents16(at, l.Stride, &rows[0], len(rows), &lo[0], &hi[0])
	case l.Stride == LineWidth/2:
		lineExtents32(at, l.Stride, &rows[0], len(rows), &lo[0], &hi[0])
	default:
		lineExtents64(at, l.Stride, &rows[0], len(rows), &lo[0], &hi[0])
	}
}

func (l *Lines) extents(k int, rows []int32, lo, hi *[LineWidth]uint8) {
	for i, r := range rows {
		line := l.Row(int(r))[k*LineWidth:]
		for j, c := range line[:min(len(line), LineWidth)] {
			if i == 0 {
				lo[j], hi[j] = c, c
			}
			lo[j], hi[j] = min(lo[j], c), max(hi[j], c)
		}
	}
}

// Sums adds up, for every column of a trial in line k, the words of the rows whose code is at most its cut, and notes for
// every row in which columns it is: bit i of goes is that of the i-th column.
func (l *Lines) Sums(k int, rows []int32, words []int64, t *Trial, goes []uint8) {
	goes = goes[:len(rows)]
	switch at := &l.Codes[k*LineWidth]; {
	case !lined:
		l.sums(k, rows, words, t, goes)
	case l.Stride == LineWidth/4:
		lineSums16(at, l.Stride, &rows[0], len(rows), &words[0], t, &goes[0])
	case l.Stride == LineWidth/2:
		lineSums32(at, l.Stride, &rows[0], len(rows), &words[0], t, &goes[0])
	default:
		lineSums64(at, l.Stride, &rows[0], len(rows), &words[0], t, &goes[0])
	}
}

func (l *Lines) sums(k int, rows []int32, words []int64, t *Trial, goes []uint8) {
	t.Sums = [TrialWidth]int64{}
	for i, r := range rows {
		line := l.Row(int(r))[k*LineWidth:]
		goes[i] = 0
		for j, c := range t.Columns {
			if line[c] <= t.Cuts[j] {
				t.Sums[j] += words[r]
				goes[i] |= 1 << j
			}
		}
	}
}

// DivideBy is [Partition] by a bit of what is noted for every row.
func DivideBy(goes []uint8, bit int, rows, spare []int32) int {
	if len(rows) == 0 {
		return 0
	}
	goes, spare = goes[:len(rows)], spare[:len(rows)]
	if lined {
		return divide16(&rows[0], &spare[0], &goes[0], len(rows), 1<<(bit&7))
	}
	return divideBy(goes, bit, rows, spare)
}

func divideBy(goes []uint8, bit int, rows, spare []int32) int {
	left, right := 0, 0
	for i, r := range rows {
		rows[left] = r
		spare[right] = r
		g := int(goes[i] >> (bit & 7) & 1)
		left += g
		right += 1 - g
	}
	copy(rows[left:], spare[:right])
	return left
}
