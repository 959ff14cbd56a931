using System.Text.Json;
using System.Text.RegularExpressions;

namespace GrainSensors.Web.Yaml;

/// <summary>Contact points as YAML, a document each. Messages quote no values, which may be secrets.</summary>
internal static partial class ContactYaml
{
    private const string Members = "its members are name, kind, enabled, settings and secrets.";

    /// <exception cref="DocumentException">The text is not valid YAML, or has no contact points.</exception>
    public static IReadOnlyList<ContactDocument> Read(TextReader reader)
    {
        var documents = YamlDocuments.Read(reader, YamlScalars.Texts("enabled"), hidesTexts: true);
        return documents.Count > 0 ? [.. documents.Select(Of)] : throw new DocumentException("the text has no contact points.");
    }

    /// <returns>The name in a secret <c>${NAME}</c>, which only a command may read from its environment; null: another text.</returns>
    public static string? VariableOf(string? secret) =>
        secret is not null && Variable().Match(secret) is { Success: true } match ? match.Groups[1].Value : null;

    private static ContactDocument Of(YamlDocument document)
    {
        if (document.Json.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(document.Line);
        }

        var contact = new ContactDocument("", "");
        foreach (var (name, value) in document.Json.EnumerateObject().Select(member => (member.Name, member.Value)))
        {
            contact = (name, value.ValueKind) switch
            {
                ("name", JsonValueKind.String) => contact with { Name = value.GetString()! },
                ("kind", JsonValueKind.String) => contact with { Kind = value.GetString()! },
                ("enabled", JsonValueKind.True or JsonValueKind.False) => contact with { Enabled = value.GetBoolean() },
                ("settings", JsonValueKind.Object) => contact with { Settings = TextsOf(value, document.MemberLines[name]) },
                ("secrets", JsonValueKind.Object) => contact with { Secrets = TextsOf(value, document.MemberLines[name]) },
                ("name" or "kind" or "settings" or "secrets", JsonValueKind.Null) => contact,
                _ => throw Invalid(document.MemberLines[name]),
            };
        }

        return contact.Name.Length > 0 && contact.Kind.Length > 0
            ? contact
            : throw new DocumentException("each contact point must have a name and a kind.", document.Line);
    }

    private static Dictionary<string, string?> TextsOf(JsonElement members, long line) => members.EnumerateObject().ToDictionary(
        member => member.Name,
        member => member.Value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => member.Value.GetString(),
            JsonValueKind.True or JsonValueKind.False => member.Value.GetRawText(),
            _ => throw Invalid(line),
        });

    private static DocumentException Invalid(long line) => new($"the document is not valid; {Members}", line);

    [GeneratedRegex(@"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")]
    private static partial Regex Variable();
}

/// <summary>A contact point of a YAML text.</summary>
internal sealed record ContactDocument(string Name, string Kind)
{
    public bool Enabled { get; init; } = true;

    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Secrets that are absent stay as they are; null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Secrets { get; init; } = new Dictionary<string, string?>();
}
