using System.Text.Encodings.Web;
using System.Text.Json;

namespace GrainSensors.Sources.Formats;

/// <summary>The JSON documents of one message, in their order. The list is used again for the next message.</summary>
internal sealed class DocumentList
{
    /// <summary>A plus sign or a letter with an accent stays as it is: what is not escaped need not be unescaped.</summary>
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = CborToJson.MaxDepth + 1,
    };

    private readonly List<Document> _documents = [];

    /// <summary>What a format has made of the message; formats that are JSON leave it empty.</summary>
    public JsonBuffer Json { get; } = new();

    public int Count => _documents.Count;

    public Document this[int index] => _documents[index];

    public void Clear()
    {
        _documents.Clear();
        Json.Clear();
    }

    /// <returns>A writer to <see cref="Json"/>.</returns>
    public Utf8JsonWriter NewWriter() => new(Json, Options);

    public void Add(int start, int length) => _documents.Add(new(start, length, null));

    /// <param name="error">A clause without a full stop, safe to print.</param>
    public void AddMalformed(string error) => _documents.Add(new(0, 0, error));

    /// <param name="Error">Null: the document can be read.</param>
    internal readonly record struct Document(int Start, int Length, string? Error);
}
