using System.Text.RegularExpressions;
using GrainSensors.Hosting.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace GrainSensors.ContactPoints;

/// <summary>A YAML file of contact points, a document each. A secret <c>${NAME}</c> is read from the environment.</summary>
internal static partial class ContactFile
{
    private static readonly IDeserializer Yaml =
        new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithDuplicateKeyChecking().Build();

    /// <exception cref="UsageException">The file cannot be read, or a contact point is invalid; the message names the line.</exception>
    public static IReadOnlyList<ContactDocument> Read(string path)
    {
        try
        {
            using var reader = path == "-" ? Console.In : File.OpenText(path);
            return Parse(reader, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(e.Message, e);
        }
    }

    /// <param name="path">For messages.</param>
    internal static IReadOnlyList<ContactDocument> Parse(TextReader reader, string path)
    {
        var documents = new List<ContactDocument>();
        var parser = new Parser(reader);
        try
        {
            parser.Consume<YamlDotNet.Core.Events.StreamStart>();
            while (parser.Accept<YamlDotNet.Core.Events.DocumentStart>(out _))
            {
                documents.Add(Yaml.Deserialize<ContactDocument?>(parser)
                    ?? throw new UsageException($"{path}: document {documents.Count + 1} is empty."));
            }
        }
        catch (YamlException e)
        {
            // The text of the failure can contain the value of a secret.
            throw new UsageException(
                $"{path}, line {e.Start.Line}: the document is not valid; its members are name, kind, enabled, settings and secrets.", e);
        }

        foreach (var document in documents)
        {
            if (string.IsNullOrEmpty(document.Name) || string.IsNullOrEmpty(document.Kind))
            {
                throw new UsageException($"{path}: each contact point must have a name and a kind.");
            }

            document.Secrets = document.Secrets?.ToDictionary(secret => secret.Key, secret => Expand(document, secret.Key, secret.Value));
        }

        return documents.Count > 0 ? documents : throw new UsageException($"{path} has no contact points.");
    }

    private static string? Expand(ContactDocument document, string name, string? value) =>
        value is not null && Variable().Match(value) is { Success: true } match
            ? Environment.GetEnvironmentVariable(match.Groups[1].Value) ?? throw new UsageException(
                $"The secret {name} of the contact point {document.Name} is in the environment variable {match.Groups[1].Value}, which is "
                + "not set.")
            : value;

    [GeneratedRegex(@"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")]
    private static partial Regex Variable();
}

/// <summary>A contact point of a file.</summary>
internal sealed class ContactDocument
{
    public string Name { get; set; } = "";

    public string Kind { get; set; } = "";

    public bool Enabled { get; set; } = true;

    public Dictionary<string, string>? Settings { get; set; }

    /// <summary>Null values remove secrets.</summary>
    public Dictionary<string, string?>? Secrets { get; set; }
}
