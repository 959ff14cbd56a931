using System.Globalization;
using GrainSensors.Core.Readings;

namespace GrainSensors.Csv;

/// <summary>Reads the column <c>sensor_id</c> of one file: an id, also with leading zeros, or a name.</summary>
internal sealed class CsvSensor
{
    private string? _padded;

    /// <summary>What was assumed about the ids so far; null: nothing.</summary>
    public string? Note => _padded is null ? null : $"ids with leading zeros, such as {_padded}, were read as integers";

    /// <returns>Why the cell is neither; null: it is one.</returns>
    public string? Read(ReadOnlySpan<char> cell, out SensorRef sensor)
    {
        if (int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            sensor = new(id, null);
            _padded ??= cell is ['0', _, ..] ? cell.ToString() : null;
            return null;
        }

        // Programs that read ids as floating-point numbers write 7.0.
        var isFraction = cell.IndexOf('.') is > 0 and var point && !cell[..point].ContainsAnyExceptInRange('0', '9')
            && !cell[(point + 1)..].ContainsAnyExcept('0');
        var parsed = isFraction ? null : SensorRef.Parse(CsvValue.Unescape(cell));
        sensor = parsed ?? default;
        return parsed is not null ? null
            : $"sensor_id must be an integer from 0 to {int.MaxValue}, or a name of 1 to {SensorName.MaxLength} characters; "
                + $"got {CsvValue.Quote(cell)}";
    }
}
