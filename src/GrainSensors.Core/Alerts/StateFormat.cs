namespace GrainSensors.Core.Alerts;

/// <summary>The layout of a written state: version, length of the plain bytes, of the numbers and of the compressed bytes, these.</summary>
internal static class StateFormat
{
    /// <remarks>
    /// Version 2 added the time of the last raising and the compression, version 3 the removed sensors, version 4 the primary measurement,
    /// version 5 the rules as data, version 6 those that are not of one measurement, version 7 the windows of rules.
    /// </remarks>
    public const byte Version = 7;

    /// <summary>The version of a state with rules, none of which has windows with values.</summary>
    public const byte VersionWithoutWindows = 6;

    /// <summary>The version of a state with rules of one measurement only.</summary>
    public const byte VersionOfValueRules = 5;

    /// <summary>The version of a state without rules as data, which older releases read, too.</summary>
    public const byte VersionWithoutRules = 4;

    /// <returns>The least version that holds the rules: older releases read it, too.</returns>
    public static byte VersionFor(ReadOnlySpan<RuleKey> rules)
    {
        var version = VersionWithoutRules;
        foreach (var rule in rules)
        {
            version = Math.Max(version, rule.Kind switch
            {
                AlertKind.Threshold or AlertKind.Rate or AlertKind.Stuck => VersionOfValueRules,
                AlertKind.Window => Version,
                _ => VersionWithoutWindows,
            });
        }

        return version;
    }

    public const int MaxVarint = 10;

    public const int MaxHeader = 1 + (3 * MaxVarint);

    /// <summary>The greatest length that a state may claim: a damaged one must not allocate the memory of the machine.</summary>
    public const int MaxLength = 1 << 30;

    /// <returns>The length of the header.</returns>
    public static int WriteHeader(Span<byte> header, byte version, int length, int numbersLength, int packed)
    {
        header[0] = version;
        var end = 1;
        foreach (var part in (ReadOnlySpan<int>)[length, numbersLength, packed])
        {
            end += WriteUnsigned(header[end..], (ulong)part);
        }

        return end;
    }

    /// <returns>The number of written bytes.</returns>
    public static int WriteUnsigned(Span<byte> bytes, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            bytes[length++] = (byte)(value | 0x80);
        }

        bytes[length++] = (byte)value;
        return length;
    }

    /// <summary>Sorts numbers of 8 bytes by the place of their bytes.</summary>
    public static void Transpose(ReadOnlySpan<byte> numbers, Span<byte> planes)
    {
        var count = numbers.Length / 8;
        for (var i = 0; i < count; i++)
        {
            for (var plane = 0; plane < 8; plane++)
            {
                planes[(plane * count) + i] = numbers[(i * 8) + plane];
            }
        }
    }
}
