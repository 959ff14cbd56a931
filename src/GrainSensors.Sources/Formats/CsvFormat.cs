using System.Text.Json;
using System.Text.Unicode;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>Comma-separated values (RFC 4180): each record becomes an object with its cells by the names of the columns.</summary>
/// <param name="columns">The names in UTF-8; without any, the first record of each message has them.</param>
internal sealed class CsvFormat(byte[][] columns, byte delimiter) : IPayloadFormat
{
    private readonly CsvRecord _record = new(delimiter);

    public bool IsConverted => true;

    public bool HasMany => true;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        var rest = message.Value.StartsWith("\uFEFF"u8) ? message.Value["\uFEFF"u8.Length..] : message.Value;
        if (!Utf8.IsValid(rest))
        {
            documents.Reject("the message is not valid UTF-8");
            return;
        }

        var names = columns;
        using var json = documents.NewWriter();
        while (!documents.IsRejected && _record.TryRead(ref rest))
        {
            if (_record.Error is not null && names.Length == 0)
            {
                // Without names of columns, the next line would be taken for them.
                documents.Reject($"the line with the names of the columns is not valid CSV: {_record.Error}");
            }
            else if (_record.Error is not null)
            {
                documents.AddMalformed($"the line is not valid CSV: {_record.Error}");
            }
            else if (names.Length == 0)
            {
                names = _record.ToArray();
            }
            else if (_record.Count > names.Length)
            {
                documents.AddMalformed($"the line has {_record.Count} cells, and there are {names.Length} columns");
            }
            else if (!_record.Is(columns))
            {
                Write(json, names, documents);
            }
        }
    }

    private void Write(Utf8JsonWriter json, byte[][] names, DocumentList documents)
    {
        var start = documents.Json.Length;
        json.Reset();
        json.WriteStartObject();
        for (var i = 0; i < _record.Count; i++)
        {
            json.WritePropertyName(names[i]);
            CellValue.Write(json, _record[i]);
        }

        json.WriteEndObject();
        json.Flush();
        documents.Add(start, documents.Json.Length - start);
    }
}
