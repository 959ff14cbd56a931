using System.Collections.Concurrent;
using GrainSensors.Architecture.Tests.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GrainSensors.Architecture.Tests.Dependencies;

/// <summary>Reads all arrows between the files of a compilation.</summary>
internal sealed class ArrowReader
{
    private static readonly Lazy<ArrowReader> All = new(() => new(SourceCode.Source, RazorFile.All));

    private readonly ConcurrentDictionary<Arrow, bool> _arrows = [];
    private readonly ConcurrentBag<string> _unresolved = [];

    public ArrowReader(CSharpCompilation compilation, IReadOnlyList<RazorFile> components)
    {
        var markup = components.ToDictionary(component => component.Path);
        Parallel.ForEach(compilation.SyntaxTrees, tree =>
        {
            var model = compilation.GetSemanticModel(tree);
            var used = tree.GetRoot().DescendantNodes().Select(node => SymbolOf(model, node));
            if (markup.TryGetValue(tree.FilePath, out var component))
            {
                used = used.Concat(TypesIn(component, model, tree));
            }

            foreach (var symbol in used)
            {
                foreach (var file in FilesOf(symbol).Where(file => file != tree.FilePath))
                {
                    _arrows.TryAdd(new(tree.FilePath, file, NameOf(symbol!)), true);
                }
            }
        });
    }

    /// <summary>The arrows between all files below src.</summary>
    public static ArrowReader Source => All.Value;

    public IReadOnlyList<Arrow> Arrows =>
        [.. _arrows.Keys.OrderBy(arrow => arrow.From, StringComparer.Ordinal).ThenBy(arrow => arrow.To, StringComparer.Ordinal)
            .ThenBy(arrow => arrow.Symbol, StringComparer.Ordinal)];

    /// <summary>Names that stand for nothing, each with its place. Each could hide an arrow.</summary>
    public IReadOnlyList<string> Unresolved => [.. _unresolved.Order(StringComparer.Ordinal)];

    /// <returns>What a name, <c>new(...)</c> or an indexer stands for.</returns>
    private ISymbol? SymbolOf(SemanticModel model, SyntaxNode node)
    {
        if (node is not (SimpleNameSyntax or ImplicitObjectCreationExpressionSyntax or ElementAccessExpressionSyntax)
            || node is IdentifierNameSyntax { IsVar: true })
        {
            return null;
        }

        var info = model.GetSymbolInfo(node);
        var symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        if (symbol is null && IsFirstName(node))
        {
            var place = node.GetLocation().GetLineSpan().StartLinePosition;
            _unresolved.Add($"{node.SyntaxTree.FilePath}:{place.Line + 1}: {node}");
        }

        return symbol;
    }

    /// <summary>A name behind a dot may be one that a source generator adds.</summary>
    private static bool IsFirstName(SyntaxNode node) =>
        node is SimpleNameSyntax { Identifier.Text: not ("nameof" or "notnull") }
        && node.Parent is not (MemberBindingExpressionSyntax or MemberAccessExpressionSyntax or QualifiedNameSyntax
            or NameColonSyntax or NameEqualsSyntax);

    private static IEnumerable<ISymbol> TypesIn(RazorFile component, SemanticModel model, SyntaxTree tree)
    {
        var place = tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>().Single().OpenBraceToken.Span.End;
        return component.Names.SelectMany(name => model.LookupNamespacesAndTypes(place, name: name));
    }

    private static IEnumerable<string> FilesOf(ISymbol? symbol)
    {
        var declared = (symbol as IMethodSymbol)?.ReducedFrom ?? symbol;
        if (declared is not (INamedTypeSymbol or IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol)
            || declared.ContainingType is { IsTupleType: true } or { IsAnonymousType: true }
            || declared is IMethodSymbol { MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction })
        {
            return [];
        }

        // What the compiler adds, such as the constructor of a record, is declared where its type is.
        var places = declared.OriginalDefinition.DeclaringSyntaxReferences;
        places = places.IsEmpty && declared.ContainingType is { } type ? type.OriginalDefinition.DeclaringSyntaxReferences : places;
        return places.Select(place => place.SyntaxTree.FilePath).Distinct();
    }

    private static string NameOf(ISymbol symbol) => symbol switch
    {
        INamedTypeSymbol type => type.Name,
        IMethodSymbol { MethodKind: MethodKind.Constructor } => symbol.ContainingType.Name,
        _ => $"{symbol.ContainingType?.Name}.{symbol.Name}",
    };
}
