using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GrainSensors.Architecture.Tests.Sources;

/// <summary>
/// One compilation of all sources, whichever project they belong to. Source generators do not run: what they add is used only
/// through members that the sources declare.
/// </summary>
internal static class SourceCode
{
    /// <summary>What the SDKs of .NET and Orleans add.</summary>
    private const string ImplicitUsings =
        """
        global using Orleans;
        global using Orleans.Hosting;
        global using Orleans.Runtime;
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions Syntax = new(LanguageVersion.Preview, DocumentationMode.None);

    private static readonly Lazy<CSharpCompilation> All = new(() => Compile(
        Repository.Files("src", ".cs").Select(path => (path, Repository.Read(path)))
            .Concat(RazorFile.All.Select(file => (file.Path, file.Declaration)))));

    public static CSharpCompilation Source => All.Value;

    public static CSharpCompilation Compile(IEnumerable<(string Path, string Text)> files)
    {
        var trees = new ConcurrentBag<SyntaxTree>();
        Parallel.ForEach(files, file => trees.Add(CSharpSyntaxTree.ParseText(file.Text, Syntax, file.Path)));
        return CSharpCompilation.Create(
            "All",
            [CSharpSyntaxTree.ParseText(ImplicitUsings, Syntax), .. trees.OrderBy(tree => tree.FilePath, StringComparer.Ordinal)],
            References(),
            new(OutputKind.ConsoleApplication, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>Everything that this process may load, except what is compiled from the sources themselves.</summary>
    private static IEnumerable<MetadataReference> References()
    {
        var own = Repository.Files("src", ".csproj").Select(Path.GetFileNameWithoutExtension).Append("grainsensors").ToHashSet();
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => !own.Contains(Path.GetFileNameWithoutExtension(file)))
            .Select(file => MetadataReference.CreateFromFile(file));
    }
}
