using System.Text;
using System.Text.RegularExpressions;

namespace GrainSensors.Architecture.Tests.Sources;

/// <summary>
/// A Razor component. The Razor compiler does not run here: a component is declared as a class with its injected properties,
/// and what it uses is found by the names of types in its text.
/// </summary>
internal sealed partial class RazorFile
{
    private const string Imports = "_Imports.razor";
    private readonly string _namespace;
    private readonly string _usings;

    /// <param name="path">The path of the component.</param>
    /// <param name="text">Its text.</param>
    /// <param name="imports">The text of the _Imports.razor files that apply to it.</param>
    /// <param name="folderNamespace">The namespace of its folder.</param>
    public RazorFile(string path, string text, string imports, string folderNamespace)
    {
        (Path, Text) = (path, Comment().Replace(text, ""));
        _namespace = NamespaceLine().Match(Text) is { Success: true } line ? line.Groups[1].Value : folderNamespace;
        _usings = string.Join('\n', Using().Matches($"{imports}\n{Text}").Select(match => $"using {match.Groups[1].Value};").Distinct());
    }

    public static IReadOnlyList<RazorFile> All { get; } =
    [
        .. Repository.Files("src", ".razor").Where(path => !path.EndsWith(Imports, StringComparison.Ordinal))
            .Select(path => new RazorFile(path, Repository.Read(path), ImportsOf(path), NamespaceOf(path))),
    ];

    public string Path { get; }

    /// <summary>The text without Razor comments.</summary>
    public string Text { get; }

    /// <summary>C# that declares the component's class, so that other files can refer to it.</summary>
    public string Declaration
    {
        get
        {
            var code = new StringBuilder();
            code.AppendLine("using Microsoft.AspNetCore.Components;").AppendLine(_usings).AppendLine($"namespace {_namespace};");
            code.AppendLine($"public partial class {System.IO.Path.GetFileNameWithoutExtension(Path)} : {BaseType}").AppendLine("{");
            foreach (var injected in Inject().Matches(Text).Select(match => match.Groups))
            {
                code.AppendLine($"    public {injected[1].Value} {injected[2].Value} {{ get; set; }} = default!;");
            }

            return code.AppendLine("}").ToString();
        }
    }

    /// <summary>Names of types that the component may use: capitalized words in code and tags, but no words of its prose.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            var code = Text.IndexOf("@code", StringComparison.Ordinal);
            var markup = code < 0 ? Text : Text[..code];
            return Name().Matches(Prose().Replace(markup, "> <") + Text[markup.Length..]).Select(match => match.Value).Distinct();
        }
    }

    private static string NamespaceOf(string path) => ProjectMap.Source.FolderOf(path).Replace('/', '.');

    private string BaseType =>
        Inherits().Match(Text) is { Success: true } line ? line.Groups[1].Value : "ComponentBase";

    private static string ImportsOf(string path)
    {
        var imports = new StringBuilder();
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            var file = path[..(slash + 1)] + Imports;
            imports.AppendLine(Repository.Exists(file) ? Repository.Read(file) : "");
        }

        return imports.ToString();
    }

    [GeneratedRegex(@"@\*.*?\*@|<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^@using\s+([^\r\n;]+)", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^@inject\s+(\S.*?)\s+(\w+)\s*$", RegexOptions.Multiline)]
    private static partial Regex Inject();

    [GeneratedRegex(@"^@namespace\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^@inherits\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex Inherits();

    [GeneratedRegex(@">[^<>@{}();=]*<")]
    private static partial Regex Prose();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Name();
}
