using System.Text.Encodings.Web;
using System.Text.Json;
using GrainSensors.Sources.Mapping;
using GrainSensors.Sources.Results;

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

    private static readonly Fault TooLarge = new(
        SourceRejectReason.TooLarge,
        FormattableString.Invariant($"the message must become at most {JsonBuffer.MaxJson} bytes of JSON; got more"));

    private readonly List<Document> _documents = [];

    /// <summary>What a format has made of the message; formats that are JSON leave it empty.</summary>
    public JsonBuffer Json { get; } = new();

    public int Count => _documents.Count;

    public Document this[int index] => _documents[index];

    /// <summary>Why the whole message is rejected, as far as its format can tell.</summary>
    public Fault Fault { get; private set; }

    /// <summary>Whether the message is rejected, so that its format need not go on.</summary>
    public bool IsRejected => !Fault.IsNone;

    /// <summary>The id of the schema without which the message cannot be read, and which must be fetched; null: none.</summary>
    public int? AwaitedSchema { get; private set; }

    public void Clear()
    {
        AwaitedSchema = null;
        Fault = Fault.None;
        _documents.Clear();
        Json.Clear();
    }

    /// <returns>A writer to <see cref="Json"/>.</returns>
    public Utf8JsonWriter NewWriter() => new(Json, Options);

    /// <param name="line">The number of its first line in the message, from 1.</param>
    public void Add(int start, int length, int line = 1) => Add(new Document(start, length, null, line));

    /// <param name="error">A clause without a full stop, safe to print.</param>
    public void AddMalformed(string error) => Add(new Document(0, 0, error, 1));

    /// <summary>Rejects the whole message.</summary>
    /// <param name="error">A clause without a full stop, safe to print.</param>
    public void Reject(string error) => Reject(new Fault(SourceRejectReason.Malformed, error));

    public void Reject(Fault fault) => Fault = fault;

    public void RejectTooLarge() => Fault = TooLarge;

    public void Await(int schemaId) => AwaitedSchema = schemaId;

    private void Add(Document document)
    {
        _documents.Add(document);
        if (_documents.Count > ScanState.MaxReadings)
        {
            Fault = ScanState.TooMany;
        }
        else if (Json.Length > JsonBuffer.MaxJson)
        {
            Fault = TooLarge;
        }
    }

    /// <param name="Error">Null: the document can be read.</param>
    internal readonly record struct Document(int Start, int Length, string? Error, int Line);
}
