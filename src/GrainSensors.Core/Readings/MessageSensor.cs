using System.Globalization;
using System.Text;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Readings;

/// <summary>Looks the number of a name up in memory.</summary>
/// <param name="name">The name as UTF-8, which may be invalid: it is not found then.</param>
public delegate bool NumberLookup(ReadOnlySpan<byte> name, out int number);

/// <summary>Takes the sensor of one message after the other, and keeps the last name whose number is not known.</summary>
/// <param name="find">Finds the numbers of names. Without it no number is known.</param>
public sealed class MessageSensor(NumberLookup? find = null)
{
    /// <summary>The memory of names that are not plain starts anew at this size.</summary>
    private const int MaxNormalized = 10_000;

    private readonly NumberLookup? _find = find;

    /// <summary>Texts that are not plain and the names that they are, so that normalizing a name again costs nothing.</summary>
    private readonly Dictionary<byte[], byte[]> _normalized = new(Utf8Comparer.Instance);
    private readonly byte[] _name = new byte[SensorName.MaxBytes];
    private int _length;

    /// <summary>
    /// The name of the last sensor for which the result was <see cref="SensorName.NoNumber"/>, as UTF-8 in normal form C.
    /// </summary>
    public ReadOnlySpan<byte> Name => _name.AsSpan(0, _length);

    /// <summary>The key of the messages of the sensor that was taken last.</summary>
    /// <param name="sensorId">The id of the sensor; not the number of a name.</param>
    public byte[] KeyOf(int sensorId) => sensorId == SensorName.NoNumber
        ? Name.ToArray()
        : Encoding.UTF8.GetBytes(sensorId.ToString(CultureInfo.InvariantCulture));

    /// <param name="into">Knows numbers and keeps the name; null: the number is not asked for.</param>
    /// <param name="text">The text of an id, or a name.</param>
    /// <param name="sensorId">The id, the number of the name, or <see cref="SensorName.NoNumber"/>.</param>
    /// <returns>False if the text is neither an id nor a valid name.</returns>
    internal static bool TryTake(MessageSensor? into, ReadOnlySpan<byte> text, out int sensorId)
    {
        // A name that has a number is valid and in normal form.
        if (SensorName.TryParseId(text, out sensorId) || into?._find?.Invoke(text, out sensorId) == true)
        {
            return true;
        }

        sensorId = SensorName.NoNumber;
        if (!SensorName.IsPlain(text))
        {
            return into?.TryTakeOther(text, out sensorId) ?? SensorName.TryParse(text, out _);
        }

        into?.Keep(text);
        return true;
    }

    private bool TryTakeOther(ReadOnlySpan<byte> text, out int sensorId)
    {
        sensorId = SensorName.NoNumber;
        if (!_normalized.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(text, out var name))
        {
            if (!SensorName.TryParse(text, out var valid))
            {
                return false;
            }

            if (_normalized.Count == MaxNormalized)
            {
                _normalized.Clear();
            }

            _normalized.Add(text.ToArray(), name = Encoding.UTF8.GetBytes(valid));
        }

        if (_find?.Invoke(name, out sensorId) != true)
        {
            sensorId = SensorName.NoNumber;
            Keep(name);
        }

        return true;
    }

    private void Keep(ReadOnlySpan<byte> name)
    {
        name.CopyTo(_name);
        _length = name.Length;
    }
}
