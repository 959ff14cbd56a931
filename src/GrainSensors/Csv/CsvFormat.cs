using System.Text;

namespace GrainSensors.Csv;

/// <summary>What the user says about a CSV file.</summary>
/// <param name="Encoding">Null: found by the bytes.</param>
/// <param name="Columns">Names of the header by the columns that they stand for.</param>
internal sealed record CsvFormat(Encoding? Encoding, Dictionary<string, string> Columns)
{
    public static CsvFormat Default { get; } = new(null, []);
}
