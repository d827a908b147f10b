package markdown

import "testing"

func TestEmphasis(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "emphasis is one mark, two or three",
			source: "x *a* _b_ **c** __d__ ***e*** ___f___",
			want:   "<p>x <em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong> <strong><em>e</em></strong> <strong><em>f</em></strong></p>",
		},
		{
			name:   "emphasis needs the same mark at both ends",
			source: "x *a_ **b__ *c** **d*",
			want:   "<p>x *a_ <strong>b__ *c</strong> **d*</p>",
		},
		{
			name:   "emphasis starts before no blank",
			source: "x * a* ** b** _ c_ *\nd* *.  e* *, f* *.g*",
			want:   "<p>x * a* ** b** _ c_ *\nd* *.  e* *, f* <em>.g</em></p>",
		},
		{
			name:   "emphasis ends behind no blank",
			source: "x *a * b* **c ** d**",
			want:   "<p>x <em>a * b</em> <strong>c ** d</strong></p>",
		},
		{
			name:   "emphasis of stars may be in a word",
			source: "x a*b*c d**e**f",
			want:   "<p>x a<em>b</em>c d<strong>e</strong>f</p>",
		},
		{
			name:   "emphasis of underscores may not",
			source: "x a_b_c d__e__f _g_h_ __i__j__",
			want:   "<p>x a_b_c d__e__f <em>g_h</em> <strong>i__j</strong></p>",
		},
		{
			name:   "emphasis has quotes and punctuation beside it",
			source: `x **a:**b a**"b"**c *(d)* (_e_).`,
			want:   `<p>x <strong>a:</strong>b a<strong>"b"</strong>c <em>(d)</em> (<em>e</em>).</p>`,
		},
		{
			name:   "emphasis has more marks than three",
			source: "x ****a**** *****b*****",
			want:   "<p>x ****a**** *****b*****</p>",
		},
		{
			name:   "emphasis is in other emphasis",
			source: "x *a **b** c* **a *b* c** *a _b_ c* **a __b__ c** _a *b* c_",
			want:   "<p>x <em>a <strong>b</strong> c</em> <strong>a <em>b</em> c</strong> <em>a <em>b</em> c</em> <strong>a <strong>b</strong> c</strong> <em>a <em>b</em> c</em></p>",
		},
		{
			name:   "emphasis of three marks ends in parts",
			source: "x ***a** b* ***c* d** *e **f*** **g *h***",
			want:   "<p>x <em><strong>a</strong> b</em> <strong><em>c</em> d</strong> <em>e <strong>f</strong></em> <strong>g <em>h</em></strong></p>",
		},
		{
			name:   "emphasis overlaps",
			source: "x *a **b* c** **d *e** f*",
			want:   "<p>x <em>a <strong>b* c</strong> <strong>d *e</strong> f</em></p>",
		},
		{
			name:   "emphasis has an end that an open mark hides for good",
			source: "x **a *b** *c* _d_",
			want:   "<p>x <strong>a *b</strong> *c* _d_</p>",
		},
		{
			name:   "emphasis of three marks closes what an open mark hides",
			source: "x **a *b** c **d***",
			want:   "<p><em>x <strong>a *b</strong> c <strong>d</strong></em></p>",
		},
		{
			name:   "emphasis without an end is text",
			source: "x *a _b **c __d ***e",
			want:   "<p>x *a _b **c __d ***e</p>",
		},
		{
			name:   "emphasis goes over lines",
			source: "x *a\nb*",
			want:   "<p>x <em>a\nb</em></p>",
		},
		{
			name:   "emphasis starts at the start of the text",
			source: "*a* b",
			want:   "<p><em>a</em> b</p>",
		},
		{
			name:   "emphasis ends at the end of the text",
			source: "x *a* *",
			want:   "<p>x <em>a</em> *</p>",
		},
		{
			name:   "emphasis has a link or code beside an underscore",
			source: "x `a`_b_ _`c`_ [d](e)_f_ _[g](h)_ _i_`j`",
			want:   `<p>x <code>a</code>_b_ <em><code>c</code></em> <a href="e">d</a>_f_ <em><a href="h">g</a></em> _i_<code>j</code></p>`,
		},
		{
			name:   "emphasis has an underscore behind a mark",
			source: "x **a**_b_ _c_**d**",
			want:   "<p>x <strong>a</strong><em>b</em> <em>c</em><strong>d</strong></p>",
		},
	})
}
