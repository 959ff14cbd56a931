using GrainSensors.Architecture.Tests.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GrainSensors.Architecture.Tests.Sizes;

/// <summary>The lines of a method, constructor, accessor or local function from brace to brace, or of its expression.</summary>
internal sealed record MethodLength(string File, string Name, int Lines)
{
    public static IEnumerable<MethodLength> InSource() =>
        SourceCode.Source.SyntaxTrees.Where(tree => tree.FilePath.EndsWith(".cs", StringComparison.Ordinal)).SelectMany(In)
            .Concat(Repository.Files("src", ".razor").SelectMany(file => InRazor(file, Repository.Read(file))));

    public static IEnumerable<MethodLength> In(SyntaxTree tree)
    {
        var root = tree.GetRoot();
        foreach (var node in root.DescendantNodes())
        {
            if (BodyOf(node) is { } body)
            {
                yield return new(tree.FilePath, NameOf(node), LinesOf(body));
            }
        }

        if (root.ChildNodes().OfType<GlobalStatementSyntax>().ToArray() is { Length: > 0 } statements)
        {
            var lines = LineOf(tree, statements[^1].Span.End) - LineOf(tree, statements[0].SpanStart) + 1;
            yield return new(tree.FilePath, "top-level statements", lines);
        }
    }

    /// <summary>
    /// Components have markup inside of methods, which the C# parser does not know. Their members are indented by four spaces, so
    /// that a body lies between a brace at that column and the next one.
    /// </summary>
    public static IEnumerable<MethodLength> InRazor(string file, string text)
    {
        var lines = text.Split('\n');
        var (code, begin) = (Array.FindIndex(lines, line => line.StartsWith("@code", StringComparison.Ordinal)), 0);
        for (var line = code; line >= 0 && line < lines.Length; line++)
        {
            switch (lines[line].TrimEnd())
            {
                case "    {":
                    begin = line;
                    break;
                case "    }" or "    };":
                    yield return new(file, lines[begin - 1].Trim(), line - begin + 1);
                    break;
            }
        }
    }

    private static SyntaxNode? BodyOf(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax method => (SyntaxNode?)method.Body ?? method.ExpressionBody?.Expression,
        LocalFunctionStatementSyntax function => (SyntaxNode?)function.Body ?? function.ExpressionBody?.Expression,
        AccessorDeclarationSyntax accessor => (SyntaxNode?)accessor.Body ?? accessor.ExpressionBody?.Expression,
        PropertyDeclarationSyntax property => property.ExpressionBody?.Expression,
        IndexerDeclarationSyntax indexer => indexer.ExpressionBody?.Expression,
        _ => null,
    };

    private static int LinesOf(SyntaxNode body) => LineOf(body.SyntaxTree, body.Span.End) - LineOf(body.SyntaxTree, body.SpanStart) + 1;

    private static int LineOf(SyntaxTree tree, int position) => tree.GetText().Lines.GetLinePosition(position).Line;

    private static string NameOf(SyntaxNode node)
    {
        var names = node.AncestorsAndSelf().Select(part => part switch
        {
            MethodDeclarationSyntax method => method.Identifier.Text,
            ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
            LocalFunctionStatementSyntax function => function.Identifier.Text,
            PropertyDeclarationSyntax property => property.Identifier.Text,
            AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
            IndexerDeclarationSyntax => "this[]",
            BaseMethodDeclarationSyntax => "operator",
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            _ => null,
        });
        return string.Join('.', names.OfType<string>().Reverse());
    }
}
