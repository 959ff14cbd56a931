using System.Text.Json;
using System.Text.Unicode;
using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Registry;

namespace GrainSensors.Sensors;

/// <summary>Reads entries from JSON: objects as the API has them, in an array or one after the other.</summary>
internal sealed class SensorJsonFile : IEntryFile
{
    private static readonly JsonReaderOptions Several = new() { AllowMultipleValues = true };

    private readonly byte[] _utf8;
    private readonly List<(Range Item, long Line)> _items;

    /// <exception cref="UsageException">The file cannot be read, or is not JSON.</exception>
    public SensorJsonFile(string path)
    {
        Name = path == "-" ? "standard input" : path;
        try
        {
            _utf8 = ReadAll(path);
            _items = Split(_utf8);
        }
        catch (JsonException e)
        {
            throw new UsageException($"{Name} is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{Name} cannot be read: {e.Message}", e);
        }
    }

    public string Name { get; }

    public IEnumerable<string> Notes => [];

    public IEnumerable<EntryLine> Read()
    {
        foreach (var (item, line) in _items)
        {
            yield return Utf8.IsValid(_utf8.AsSpan(item)) ? Read(JsonSerializer.Deserialize<JsonElement>(_utf8.AsSpan(item)), line)
                : EntryLine.Invalid(line, "an entry must be in UTF-8");
        }
    }

    public void Dispose()
    {
        // The file is in memory.
    }

    private static EntryLine Read(JsonElement entry, long line)
    {
        try
        {
            return entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(EntryColumn.SensorId, out var id)
                && SensorRef.Read(id) is { } sensor
                ? new(line, sensor, before => EntryPatch.Apply(entry, before))
                : EntryLine.Invalid(line, "an entry must be an object with sensor_id, an integer from 0 or a name");
        }
        catch (InvalidOperationException)
        {
            return EntryLine.Invalid(line, "an entry must have valid Unicode; the name of a member has half of a surrogate pair");
        }
    }

    private static byte[] ReadAll(string path)
    {
        using var content = new MemoryStream();
        using var file = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        file.CopyTo(content);
        return content.ToArray();
    }

    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    private static List<(Range Item, long Line)> Split(ReadOnlySpan<byte> utf8)
    {
        var mark = utf8.StartsWith("\uFEFF"u8) ? "\uFEFF"u8.Length : 0;
        var reader = new Utf8JsonReader(utf8[mark..], Several);
        var items = new List<(Range, long)>();
        var (line, counted) = (1L, 0);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray && reader.CurrentDepth == 0)
            {
                continue;
            }

            var start = mark + (int)reader.TokenStartIndex;
            line += utf8[counted..start].Count((byte)'\n');
            counted = start;
            reader.Skip();
            items.Add((start..(mark + (int)reader.BytesConsumed), line));
        }

        return items;
    }
}
