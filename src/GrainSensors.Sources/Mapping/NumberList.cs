using GrainSensors.Core.Readings;
using GrainSensors.Sources.Patterns;

namespace GrainSensors.Sources.Mapping;

/// <summary>The numbers of one reading that are taken with the names that they have in the document.</summary>
/// <param name="include">The names to take; without any, all.</param>
/// <param name="hasTypes">Whether numbers and booleans are such by their format, and text is none.</param>
internal sealed class NumberList(Glob[] include, Glob[] exclude, bool hasTypes)
{
    /// <summary>The most values of a reading. Ingest has a lower limit; this one bounds the work.</summary>
    public const int MaxCount = 1000;

    /// <summary>The longest name, in bytes. <see cref="ValueName"/> has the rule, which a prefix can change.</summary>
    public const int MaxNameLength = SensorName.MaxBytes;

    private const byte Joint = (byte)'_';
    private readonly byte[] _path = new byte[MaxNameLength + 1];
    private byte[] _names = new byte[1024];
    private Number[] _numbers = new Number[16];
    private int _pathLength;
    private int _namesLength;

    public int Count { get; private set; }

    /// <summary>Whether there are more than <see cref="MaxCount"/>.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether a number has been left out because its name is empty or longer than <see cref="MaxNameLength"/>.</summary>
    public bool HasInvalidName { get; private set; }

    /// <summary>Whether a number is beyond the range of a double.</summary>
    public bool HasInvalidValue
    {
        get
        {
            foreach (ref readonly var number in _numbers.AsSpan(0, Count))
            {
                if (double.IsInfinity(number.Value))
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void Clear() => (Count, _namesLength, _pathLength, IsFull, HasInvalidName) = (0, 0, 0, false, false);

    public ReadOnlySpan<byte> NameOf(int index) => _names.AsSpan(_numbers[index].NameStart, _numbers[index].NameLength);

    /// <returns>NaN: the value is null.</returns>
    public double ValueOf(int index) => _numbers[index].Value;

    /// <summary>Enters a member or an element.</summary>
    /// <param name="name">Without escapes.</param>
    /// <returns>For <see cref="Leave"/>.</returns>
    public int Enter(ReadOnlySpan<byte> name)
    {
        var before = _pathLength;
        if (name.IsEmpty)
        {
            // Nothing below has a valid name.
            _pathLength = _path.Length;
            return before;
        }

        if (before > 0 && before < _path.Length)
        {
            _path[_pathLength++] = Joint;
        }

        // A name that is too long fills the buffer, which is one byte longer than names may be.
        var length = Math.Min(name.Length, _path.Length - _pathLength);
        name[..length].CopyTo(_path.AsSpan(_pathLength));
        _pathLength += length;
        return before;
    }

    public void Leave(int before) => _pathLength = before;

    /// <param name="value">NaN: null. An infinity stands for a number beyond the range of a double.</param>
    public void Add(double value)
    {
        var name = _path.AsSpan(0, _pathLength);
        if (IsFull)
        {
            return;
        }

        if (name.Length is 0 or > MaxNameLength)
        {
            HasInvalidName = true;
            return;
        }

        if (!IsTaken(name))
        {
            return;
        }

        for (var i = 0; i < Count; i++)
        {
            // The last of several members with one name counts.
            if (NameOf(i).SequenceEqual(name))
            {
                _numbers[i] = _numbers[i] with { Value = value };
                return;
            }
        }

        if (Count == MaxCount)
        {
            IsFull = true;
            return;
        }

        Append(name, value);
    }

    /// <summary>Adds a text, if it is a number or a boolean of a format without types.</summary>
    public void AddText(ReadOnlySpan<byte> text)
    {
        if (!hasTypes && CellText.TryRead(text, out var value))
        {
            Add(value);
        }
    }

    private void Append(ReadOnlySpan<byte> name, double value)
    {
        if (Count == _numbers.Length)
        {
            Array.Resize(ref _numbers, Count * 2);
        }

        if (_namesLength + name.Length > _names.Length)
        {
            Array.Resize(ref _names, _names.Length * 2);
        }

        name.CopyTo(_names.AsSpan(_namesLength));
        _numbers[Count++] = new(_namesLength, name.Length, value);
        _namesLength += name.Length;
    }

    private bool IsTaken(ReadOnlySpan<byte> name) =>
        (include.Length == 0 || Glob.Find(include, name) is not null) && Glob.Find(exclude, name) is null;

    private readonly record struct Number(int NameStart, int NameLength, double Value);
}
