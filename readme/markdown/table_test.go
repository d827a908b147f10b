package markdown

import "testing"

func TestTables(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "with outer pipes",
			source: "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n",
			want:   "<table>\n<thead>\n<tr>\n  <th>a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td>1</td>\n  <td>2</td>\n</tr>\n<tr>\n  <td>3</td>\n  <td>4</td>\n</tr>\n</tbody>\n</table>",
		},
		{
			name:   "without outer pipes",
			source: "a | b\n--- | ---\n1 | 2\n3 | 4\n",
			want:   "<table>\n<thead>\n<tr>\n  <th>a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td>1</td>\n  <td>2</td>\n</tr>\n<tr>\n  <td>3</td>\n  <td>4</td>\n</tr>\n</tbody>\n</table>",
		},
		{
			name:   "alignment",
			source: "a | b | c | d\n:-- | --: | :-: | ---\n1 | 2 | 3 | 4\n",
			want:   "<table>\n<thead>\n<tr>\n  <th align=\"left\">a</th>\n  <th align=\"right\">b</th>\n  <th align=\"center\">c</th>\n  <th>d</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td align=\"left\">1</td>\n  <td align=\"right\">2</td>\n  <td align=\"center\">3</td>\n  <td>4</td>\n</tr>\n</tbody>\n</table>",
		},
		{
			name:   "without rows there is an empty one",
			source: "a | b\n--|--\n\ntext",
			want:   "<table>\n<thead>\n<tr>\n  <th>a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td></td>\n  <td></td>\n</tr>\n</tbody>\n</table>\n\n<p>text</p>",
		},
		{
			name:   "rows have as many cells as the head",
			source: "a | b\n--|--\n1 |\n1 | 2 | 3 | 4\n",
			want:   "<table>\n<thead>\n<tr>\n  <th>a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td>1</td>\n  <td></td>\n</tr>\n<tr>\n  <td>1</td>\n  <td>2 | 3 | 4</td>\n</tr>\n</tbody>\n</table>",
		},
		{
			name:   "pipes in code and behind a backslash",
			source: "a | b\n--|--\n`1 | 2` | 3\\|4\n",
			want:   "<table>\n<thead>\n<tr>\n  <th>a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td>1</td>\n  <td>2 | 3&#124;4</td>\n</tr>\n</tbody>\n</table>",
		},
		{
			name:   "a pipe in a tag",
			source: "a | b\n--|--\n<i title=\"|\">1</i> | 2\n",
			want:   "<table>\n<thead>\n<tr>\n  <th>a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td><i title=\"|\">1</i></td>\n  <td>2</td>\n</tr>\n</tbody>\n</table>",
		},
		{
			name:   "spans in cells",
			source: "*a* | b\n--|--\n`1` | [l](u)\n",
			want:   "<table>\n<thead>\n<tr>\n  <th><em>a</em></th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td>1</td>\n  <td><a href=\"u\">l</a></td>\n</tr>\n</tbody>\n</table>",
		},
		{
			name:   "a row without a pipe is no table",
			source: "a | b\n--|--\n1 | 2\ntext",
			want:   "<p>a | b\n--|--\n1 | 2\ntext</p>",
		},
		{
			name:   "stands in the paragraph above it",
			source: "Text:\na | b\n--|--\n1 | 2\n\nmore",
			want:   "<p>Text:\n<table>\n<thead>\n<tr>\n  <th>a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td>1</td>\n  <td>2</td>\n</tr>\n</tbody>\n</table></p>\n\n<p>more</p>",
		},
		{
			name:   "an item has none if it is tight",
			source: "* a | b\n  --|--\n  1 | 2",
			want:   "<table>\n<thead>\n<tr>\n  <th>* a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td>1</td>\n  <td>2</td>\n</tr>\n</tbody>\n</table>",
		},
		{
			name:   "an item has one if it is loose",
			source: "* x\n\n  a | b\n  --|--\n  1 | 2",
			want:   "<ul>\n<li>x</li>\n</ul>\n\n<table>\n<thead>\n<tr>\n  <th>a</th>\n  <th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n  <td>1</td>\n  <td>2</td>\n</tr>\n</tbody>\n</table>",
		},
	})
}
