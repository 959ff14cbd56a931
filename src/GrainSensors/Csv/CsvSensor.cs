using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Csv;

/// <summary>Reads the column <c>sensor_id</c> of one file: an id, also with leading zeros, or a name.</summary>
/// <remarks>
/// An apostrophe precedes a name that would be read as something else: <c>'007</c>, <c>'7.0</c>, <c>' a</c>. It has no meaning before
/// other names, which may begin with one: <c>'s-Gravenhage</c>.
/// </remarks>
internal sealed class CsvSensor
{
    private string? _padded;

    /// <summary>What was assumed about the ids so far; null: nothing.</summary>
    public string? Note => _padded is null ? null
        : $"ids with leading zeros, such as {_padded}, were read as integers; '{_padded} would be a name";

    /// <param name="cell">See <see cref="CsvFile.Sensor"/>.</param>
    /// <returns>Why the cell is neither; null: it is one.</returns>
    public string? Read(ReadOnlySpan<char> cell, out SensorRef sensor)
    {
        if (cell is ['\'', ..] && (CsvWriter.IsEscaped(cell) || IsAmbiguous(cell)))
        {
            return Result(cell, SensorRef.Parse(cell[1..].ToString()), out sensor);
        }

        if (int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            sensor = new(id, null);
            _padded ??= cell is ['0', _, ..] ? cell.ToString() : null;
            return null;
        }

        return Result(cell, IsFraction(cell) ? null : SensorRef.Parse(cell.ToString()), out sensor);
    }

    /// <param name="keepsFormulas">Whether the writer of the file does; otherwise it escapes them.</param>
    /// <returns>The cell from which <see cref="Read"/> takes the sensor.</returns>
    public static string Format(SensorRef sensor, bool keepsFormulas)
    {
        var name = $"{sensor}";
        var isFormula = CsvWriter.IsEscaped(name);
        return sensor.Name is not null && (isFormula ? keepsFormulas && (name[0] == '\'' || IsAmbiguous(name)) : IsAmbiguous(name))
            ? $"'{name}"
            : name;
    }

    private static string? Result(ReadOnlySpan<char> cell, SensorRef? parsed, out SensorRef sensor)
    {
        sensor = parsed ?? default;
        return parsed is not null ? null
            : $"sensor_id must be an integer from 0 to {int.MaxValue}, or a name of 1 to {SensorName.MaxLength} characters; "
                + $"got {CsvValue.Quote(cell)}";
    }

    /// <returns>Whether the text, without apostrophes before it, would be an integer or a fraction, or lose the blanks around it.</returns>
    private static bool IsAmbiguous(ReadOnlySpan<char> text)
    {
        var name = text.TrimStart('\'');
        return !name.IsEmpty && (name.Trim().Length < name.Length || !name.ContainsAnyExceptInRange('0', '9') || IsFraction(name));
    }

    /// <returns>Whether it is an integer as programs write it that read ids as floating-point numbers, such as 7.0.</returns>
    private static bool IsFraction(ReadOnlySpan<char> cell) =>
        cell.IndexOf('.') is > 0 and var point && !cell[..point].ContainsAnyExceptInRange('0', '9')
        && !cell[(point + 1)..].ContainsAnyExcept('0');
}
