package markdown

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The bounds that keep goldmark's own rules linear in their input, whatever
// that is.
const (
	// maxDelimiters is how many emphasis marks one paragraph may have: each
	// closing one is compared with those before it.
	maxDelimiters = 512

	// scanFactor bounds the bytes that inline parsers may look through in
	// vain, per byte of input: each unclosed "[" or "`" searches the rest of
	// its paragraph.
	scanFactor = 64
	scanFloor  = 1 << 20

	// referenceFactor bounds the bytes that references to definitions may add,
	// per byte of input, in either dialect: "[x]" is three bytes and its
	// address may be a megabyte.
	referenceFactor = 4
	referenceFloor  = 1 << 14
)

// boundedContext is goldmark's context with budgets.
type boundedContext struct {
	parser.Context
	scan       int      // bytes that may yet be looked through in vain
	references int      // bytes that reference links may yet add
	delimiters int      // emphasis marks in the present paragraph
	paragraph  ast.Node // the present paragraph
}

func newBoundedContext(size int) *boundedContext {
	return &boundedContext{
		Context:    parser.NewContext(),
		scan:       size*scanFactor + scanFloor,
		references: size*referenceFactor + referenceFloor,
	}
}

// Reference hides the references that the budget has no room for.
func (c *boundedContext) Reference(label string) (parser.Reference, bool) {
	ref, ok := c.Context.Reference(label)
	if !ok {
		return nil, false
	}
	c.references -= len(ref.Destination()) + len(ref.Title())
	if c.references < 0 {
		return nil, false
	}
	return ref, true
}

// delimiter reports whether the paragraph may have one more emphasis mark.
func (c *boundedContext) delimiter(paragraph ast.Node) bool {
	if c.paragraph != paragraph {
		c.paragraph, c.delimiters = paragraph, 0
	}
	c.delimiters++
	return c.delimiters <= maxDelimiters
}

// shallow is a block parser that opens no block deeper than MaxNesting.
type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if nesting(parent) >= MaxNesting {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// nesting is how many blocks a node stands in, counted up to MaxNesting.
func nesting(n ast.Node) int {
	depth := 0
	for ; n != nil && depth < MaxNesting; n = n.Parent() {
		depth++
	}
	return depth
}

// frugal is an inline parser that gives up once it has looked through too
// much in vain.
type frugal struct{ parser.InlineParser }

func (f frugal) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	context, ok := pc.(*boundedContext)
	if !ok {
		return f.InlineParser.Parse(parent, block, pc)
	}
	if context.scan < 0 {
		return nil
	}
	_, start := block.Position()
	node := f.InlineParser.Parse(parent, block, pc)
	if node == nil || node.Kind() == ast.KindText {
		if lines := parent.Lines(); lines != nil && lines.Len() > 0 {
			context.scan -= lines.At(lines.Len()-1).Stop - start.Start
		}
	}
	return node
}

// CloseBlock implements parser.CloseBlocker for the parsers that are one.
func (f frugal) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if c, ok := f.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(parent, block, pc)
	}
}

// fewDelimiters is an emphasis parser that takes no more than maxDelimiters.
type fewDelimiters struct{ parser.InlineParser }

func (f fewDelimiters) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if c, ok := pc.(*boundedContext); ok && !c.delimiter(parent) {
		return nil
	}
	return f.InlineParser.Parse(parent, block, pc)
}

// inlineParsers are goldmark's own, within bounds.
func inlineParsers() []util.PrioritizedValue {
	return []util.PrioritizedValue{
		util.Prioritized(frugal{parser.NewCodeSpanParser()}, 100),
		util.Prioritized(frugal{parser.NewLinkParser()}, 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(frugal{parser.NewRawHTMLParser()}, 400),
		util.Prioritized(fewDelimiters{parser.NewEmphasisParser()}, 500),
	}
}

// boundedTransformer keeps a paragraph transformer from paragraphs that would
// take it quadratic time or memory.
type boundedTransformer struct {
	parser.ParagraphTransformer
	fits func(paragraph *ast.Paragraph, source []byte) bool
}

// Transform implements parser.ParagraphTransformer.
func (b boundedTransformer) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	if b.fits(node, reader.Source()) {
		b.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// maxDefinitionLines is how many lines of link definitions may follow each
// other; goldmark moves all that remain for each.
const maxDefinitionLines = 512

func fewLines(paragraph *ast.Paragraph, _ []byte) bool {
	return paragraph.Lines().Len() <= maxDefinitionLines
}

// denseTable refuses a table with more cells than characters: goldmark fills
// each row up to the columns of the first.
func denseTable(paragraph *ast.Paragraph, source []byte) bool {
	lines := paragraph.Lines()
	columns := 0
	for i := range lines.Len() {
		line := lines.At(i)
		value := line.Value(source)
		if len(bytes.Trim(value, "|:- \t\n")) == 0 {
			columns = max(columns, bytes.Count(value, []byte("|"))+1)
		}
	}
	const small = 64 // cells in a table of which nothing need be asked
	size := lines.At(lines.Len()-1).Stop - lines.At(0).Start
	return columns*lines.Len() <= size+small
}

// paragraphTransformers are goldmark's own, within bounds.
func paragraphTransformers() []util.PrioritizedValue {
	return []util.PrioritizedValue{
		util.Prioritized(boundedTransformer{parser.LinkReferenceParagraphTransformer, fewLines}, 100),
		util.Prioritized(boundedTransformer{extension.NewTableParagraphTransformer(), denseTable}, 200),
	}
}

// tables is goldmark's extension without its unbounded transformer.
type tables struct{}

// Extend implements goldmark.Extender.
func (tables) Extend(md goldmark.Markdown) {
	md.Parser().AddOptions(parser.WithASTTransformers(
		util.Prioritized(extension.NewTableASTTransformer(), 0)))
	md.Renderer().AddOptions(renderer.WithNodeRenderers(
		util.Prioritized(extension.NewTableHTMLRenderer(), 500)))
}

// strikes is goldmark's extension with a bound on its marks.
type strikes struct{}

// Extend implements goldmark.Extender.
func (strikes) Extend(md goldmark.Markdown) {
	md.Parser().AddOptions(parser.WithInlineParsers(
		util.Prioritized(fewDelimiters{extension.NewStrikethroughParser()}, 500)))
	md.Renderer().AddOptions(renderer.WithNodeRenderers(
		util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500)))
}
