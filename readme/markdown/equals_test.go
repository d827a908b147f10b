package markdown

import "testing"

func TestEqualsHeadings(t *testing.T) {
	checkPrepare(t, []prepareCase{
		{
			name:   "takes what stands between the signs",
			source: "a\n= B =\nc",
			want:   "a\n\n<h4>B</h4>\n\nc\n\n",
		},
		{
			name:   "takes the blank lines above it",
			source: "a\n\n\n  = B =\nc",
			want:   "a\n\n<h4>B</h4>\n\nc\n\n",
		},
		{
			name:   "leaves what follows on a line of its own",
			source: "= A = b",
			want:   "<h4>A</h4>\n b\n\n",
		},
		{
			name:   "needs white space inside",
			source: "=A=\n= A=\n=A =",
			want:   "=A=\n\n<h4>A=</h4>\nA =\n\n",
		},
		{
			name:   "needs a title",
			source: "= =\n=  =",
			want:   "<h4>=</h4>\n  =\n\n",
		},
		{
			name:   "may have white space for a title",
			source: "=   =",
			want:   "<h4> </h4>\n\n",
		},
		{
			name:   "may have a sign for a title",
			source: "= = =",
			want:   "<h4>=</h4>\n\n",
		},
		{
			name:   "ends at the first sign behind white space",
			source: "= a=b = c =",
			want:   "<h4>a=b</h4>\n c =\n\n",
		},
		{
			name:   "without an end goes on to a sign on the next line",
			source: "= A\n= B =\nc",
			want:   "<h4>A</h4>\n B =\nc\n\n",
		},
		{
			name:   "may start on the next line",
			source: "=\n\nA =",
			want:   "<h4>A</h4>\n\n",
		},
		{
			name:   "has its title on one line",
			source: "= A\nB =",
			want:   "= A\nB =\n\n",
		},
		{
			name:   "is read in the middle of code",
			source: "    = A =",
			want:   "<h4>A</h4>\n\n",
		},
		{
			name:   "is not read in the middle of a line",
			source: "* = A =",
			want:   "* = A =\n\n",
		},
	})
}
