using System.Text.Json;
using System.Text.Unicode;
using GrainSensors.Core.Text;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>
/// SenML (RFC 8428): neighbouring records of one sensor and time, with different names, become
/// <c>{"sensor":"…","time":µs,"values":{"temp":21.5}}</c>.
/// </summary>
/// <remarks>
/// With a base name the sensor is the base name, and the measurement the name; without one the sensor is the name, and the measurement
/// <c>value</c>. Records with text or data have no number and are left out.
/// </remarks>
/// <param name="cbor">Null: the messages are JSON.</param>
internal sealed class SenMlFormat(CborFormat? cbor) : IPayloadFormat
{
    private readonly DocumentList _converted = new();

    public bool IsConverted => true;

    public bool HasMany => true;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        var json = message.Value;
        if (cbor is not null)
        {
            _converted.Clear();
            cbor.Read(in message, _converted);
            if (_converted.IsRejected)
            {
                documents.Reject(_converted.Fault);
                return;
            }

            json = _converted.Json.Written;
        }

        try
        {
            if (!Utf8.IsValid(json))
            {
                throw new FormatException("it is not valid UTF-8");
            }

            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            reader.Read(); // nothing may follow
            Read(document.RootElement, cbor is not null, message.Timestamp, documents);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            documents.Reject($"the message is not valid SenML: {PrintableText.Escape(e.Message.TrimEnd('.'), 200)}");
        }
    }

    private static void Read(JsonElement pack, bool isCbor, long timestamp, DocumentList documents)
    {
        if (pack.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("it must be an array of records");
        }

        var (bases, open) = (new SenMlBase(isCbor), default(SenMlRecord));
        var start = 0;
        var names = new HashSet<string>();
        using var json = documents.NewWriter();
        foreach (var element in pack.EnumerateArray().TakeWhile(_ => !documents.IsRejected))
        {
            var record = bases.Resolve(element, timestamp);
            if (record is { HasNumber: false, Error: null })
            {
                continue;
            }

            if (open is not null && (!open.IsOneReadingWith(record) || names.Contains(record.Measurement)))
            {
                Close(json, documents, start);
                open = null;
            }

            if (record.Error is not null)
            {
                documents.AddMalformed($"the record is not valid SenML: {PrintableText.Escape(record.Error, 200)}");
                continue;
            }

            if (open is null)
            {
                start = documents.Json.Length;
                Open(json, record, documents);
                names.Clear();
                open = record;
            }

            names.Add(record.Measurement);
            record.WriteValue(json);
        }

        if (open is not null)
        {
            Close(json, documents, start);
        }
    }

    private static void Open(Utf8JsonWriter json, SenMlRecord record, DocumentList documents)
    {
        json.Reset();
        json.WriteStartObject();
        json.WriteString("sensor"u8, record.Sensor);
        if (record.Micros is { } micros)
        {
            json.WriteNumber("time"u8, micros);
        }

        json.WriteStartObject("values"u8);
    }

    private static void Close(Utf8JsonWriter json, DocumentList documents, int start)
    {
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        documents.Add(start, documents.Json.Length - start);
    }
}
