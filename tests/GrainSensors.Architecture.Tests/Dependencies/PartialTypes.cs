using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GrainSensors.Architecture.Tests.Dependencies;

/// <summary>Files that declare parts of the same type count as one file, which has the name of the first.</summary>
internal sealed class PartialTypes
{
    private readonly Dictionary<string, string> _firsts = [];

    public PartialTypes(CSharpCompilation compilation)
    {
        foreach (var tree in compilation.SyntaxTrees)
        {
            var model = compilation.GetSemanticModel(tree);
            var types = tree.GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>()
                .Where(type => type.Modifiers.Any(SyntaxKind.PartialKeyword));
            foreach (var place in types.SelectMany(type => model.GetDeclaredSymbol(type)!.DeclaringSyntaxReferences))
            {
                Join(tree.FilePath, place.SyntaxTree.FilePath);
            }
        }
    }

    public string FileOf(string file)
    {
        while (_firsts.TryGetValue(file, out var first))
        {
            file = first;
        }

        return file;
    }

    private void Join(string a, string b)
    {
        (a, b) = (FileOf(a), FileOf(b));
        if (string.CompareOrdinal(a, b) > 0)
        {
            (a, b) = (b, a);
        }

        if (a != b)
        {
            _firsts[b] = a;
        }
    }
}
