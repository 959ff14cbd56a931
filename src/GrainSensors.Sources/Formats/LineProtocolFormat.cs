using System.Text.Unicode;
using GrainSensors.Core.Text;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>
/// InfluxDB line protocol. A line becomes <c>{"measurement":"weather","tags":{"room":"1"},"fields":{"temperature":21.5},"time":1}</c>.
/// </summary>
/// <remarks>https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/</remarks>
internal sealed class LineProtocolFormat : IPayloadFormat
{
    public bool IsConverted => true;

    public bool HasMany => true;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        using var json = documents.NewWriter();
        foreach (var range in Lines.Of(message.Value))
        {
            if (documents.IsRejected)
            {
                return;
            }

            var line = message.Value[range];
            if (line[0] == '#')
            {
                continue;
            }

            var start = documents.Json.Length;
            json.Reset();
            var error = Utf8.IsValid(line) ? new LineProtocolLine(line).Write(json) : "it is not valid UTF-8";
            if (error is not null)
            {
                json.Reset();
                documents.Json.Cut(start);
                documents.AddMalformed($"the line is not InfluxDB line protocol: {error}: {PrintableText.Preview(line, 60)}");
                continue;
            }

            json.Flush();
            documents.Add(start, documents.Json.Length - start);
        }
    }
}
