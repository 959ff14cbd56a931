using System.Text;
using GrainSensors.Csv;

namespace GrainSensors.Tests.Csv;

/// <summary>CSV as bytes that arrive in pieces, as from a pipe.</summary>
internal static class CsvText
{
    public static CsvSource Source(string text, Encoding? encoding = null, int piece = int.MaxValue) =>
        Source(Encoding.UTF8.GetBytes(text), encoding, piece);

    public static CsvSource Source(byte[] bytes, Encoding? encoding = null, int piece = int.MaxValue) =>
        new("readings.csv", new Pieces(bytes, piece), encoding);

    /// <returns>The lines of all records, with their fields or their error.</returns>
    public static List<(long Line, string Fields)> Records(CsvSource source, char delimiter = ',')
    {
        var records = new CsvRecords(source) { Delimiter = delimiter };
        var read = new List<(long Line, string Fields)>();
        while (records.Read())
        {
            var fields = Enumerable.Range(0, records.Count).Select(i => records[i].ToString());
            read.Add((records.Line, records.Error ?? string.Join('¦', fields)));
        }

        return read;
    }

    public static CsvFile File(string text, params IReadOnlyList<string> columns) =>
        new(Source(text), CsvFormat.Default, columns, "sensor_id,timestamp");

    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(piece, buffer.Length)]);
    }
}
