using System.Text.Json;
using System.Text.Json.Nodes;
using GrainSensors.Core.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GrainSensors.Web.Yaml;

/// <summary>
/// Reads the documents of a YAML text, and so also of JSON. The text may come from anybody: its depth is limited, and so is the number of
/// values, which aliases could multiply without end.
/// </summary>
internal sealed class YamlDocuments
{
    /// <summary>That of System.Text.Json, by which the documents are read next.</summary>
    private const int MaxDepth = 60;

    private const int MaxValues = 500_000;
    private const int MaxQuoted = 60;

    private readonly Parser _parser;
    private readonly Func<string, Scalar, JsonNode?> _scalar;
    private readonly Dictionary<AnchorName, (JsonNode? Node, int Values)> _anchors = [];
    private int _values;

    private YamlDocuments(TextReader reader, Func<string, Scalar, JsonNode?> scalar) => (_parser, _scalar) = (new(reader), scalar);

    /// <param name="scalar">Makes JSON of the value of a key, see <see cref="YamlScalars"/>.</param>
    /// <param name="hidesTexts">The message must not quote the text, which may have secrets.</param>
    /// <exception cref="DocumentException">The text is not valid YAML, or has what JSON cannot have.</exception>
    public static IReadOnlyList<YamlDocument> Read(
        TextReader reader, Func<string, Scalar, JsonNode?> scalar, bool hidesTexts = false) =>
        new YamlDocuments(reader, scalar).Read(hidesTexts);

    private List<YamlDocument> Read(bool hidesTexts)
    {
        var documents = new List<YamlDocument>();
        try
        {
            _parser.Consume<StreamStart>();
            while (!_parser.TryConsume<StreamEnd>(out _))
            {
                _parser.Consume<DocumentStart>();
                _anchors.Clear();
                var lines = new Dictionary<string, long>(StringComparer.Ordinal);
                var line = _parser.Current!.Start.Line;
                var node = Node("", 0, lines);
                documents.Add(new(JsonSerializer.SerializeToElement(node), line, lines));
                _parser.Consume<DocumentEnd>();
            }

            return documents;
        }
        catch (DocumentException) when (!hidesTexts)
        {
            throw;
        }
        catch (Exception e) when (e is not (IOException or UnauthorizedAccessException or OutOfMemoryException))
        {
            // Besides its own exceptions the parser throws those of the runtime, such as for characters that do not exist.
            var line = e is YamlException { Start.Line: > 0 } yaml ? yaml.Start.Line : _parser.Current?.End.Line ?? 1;
            throw hidesTexts
                ? new DocumentException("the document is not valid YAML.", e is DocumentException own ? own.Line ?? line : line, e)
                : new DocumentException(e is YamlException ? Sentence(e.Message) : "the text is not valid YAML.", line, e);
        }
    }

    /// <param name="lines">Receives the lines of the members; null: nobody asks for them.</param>
    private JsonNode? Node(string key, int depth, Dictionary<string, long>? lines = null)
    {
        var start = _parser.Current!;
        if (depth > MaxDepth)
        {
            throw new DocumentException($"the values are nested deeper than {MaxDepth} levels.", start.Start.Line);
        }

        Count(1, start);
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return Alias(alias);
        }

        var before = _values;
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return Keep(scalar, _scalar(key, scalar), before);
        }

        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = new JsonArray();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node("", depth + 1));
            }

            return Keep(sequence, items, before);
        }

        var mapping = _parser.Consume<MappingStart>();
        var members = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var name = KeyOf(members);
            lines?.TryAdd(name.Value, name.Start.Line);
            members.Add(name.Value, Node(name.Value, depth + 1));
        }

        return Keep(mapping, members, before);
    }

    private Scalar KeyOf(JsonObject members)
    {
        var name = _parser.TryConsume<Scalar>(out var key)
            ? key
            : throw new DocumentException("a key must be a text.", _parser.Current!.Start.Line);
        return !members.ContainsKey(name.Value)
            ? name
            : throw new DocumentException(
                $"the key \"{PrintableText.Escape(name.Value, MaxQuoted)}\" is given twice; keep one.", name.Start.Line);
    }

    private JsonNode? Alias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out var anchor))
        {
            throw new DocumentException(
                $"*{PrintableText.Escape(alias.Value.Value, MaxQuoted)} names no value above it.", alias.Start.Line);
        }

        Count(anchor.Values, alias);
        return anchor.Node?.DeepClone();
    }

    private JsonNode? Keep(NodeEvent start, JsonNode? node, int before)
    {
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor] = (node, _values - before + 1);
        }

        return node;
    }

    private void Count(int values, ParsingEvent at)
    {
        _values += values;
        if (_values > MaxValues)
        {
            throw new DocumentException($"the text has more than {MaxValues} values, with those that aliases repeat.", at.Start.Line);
        }
    }

    private static string Sentence(string message) => $"{PrintableText.Escape(message.TrimEnd('.', ' '))}.";
}
