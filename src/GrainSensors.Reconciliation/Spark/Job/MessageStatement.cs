using System.Globalization;

namespace GrainSensors.Reconciliation.Spark.Job;

/// <summary>
/// The SQL that parses the messages of the readings topic with regular expressions, in the dialect of Spark 2.4 and 3. It accepts a
/// message only if it is certain of what the stream reads; a message that it rejects without a dead letter is reported.
/// </summary>
/// <remarks>
/// <para>
/// The JSON functions of Spark take <c>"7"</c> for 7 and <c>{…}{…}</c> for an object; here they only give the text of a
/// <c>sensor_id</c> whose place is certain. The statement turns a message into a skeleton, in
/// which control characters, which JSON does not allow, stand for names and for strings. The shape of
/// the skeleton has one character for each value too, and objects and arrays within the object are folded from the inside out. A
/// regular expression then checks it.
/// </para>
/// <para>
/// It rejects what the stream accepts in three cases: a timestamp with an exponent, a <c>sensor_id</c> as text beside another one, and
/// more than <see cref="MaxFolds"/> levels of objects and arrays within the object.
/// </para>
/// <para>
/// Each repeated group has a fixed length, because Java needs stack for each repetition of any other. Each step is a lateral view,
/// because Spark would replace the column of a subquery by its expression wherever it is used.
/// </para>
/// </remarks>
internal static class MessageStatement
{
    /// <summary>The messages of the readings topic.</summary>
    public const string Messages = "messages";

    private const int MaxBytes = 65_536;
    private const int MaxFolds = 6;

    /// <summary>A timestamp above 10¹¹ s is in milliseconds.</summary>
    private const string MillisAbove = "100000000000";

    private const string OpenString = "\u0001", CloseString = "\u0002", EscapedCharacter = "\u0003", OtherName = "\u0006";

    /// <summary>A string, or a folded object or array; in a shape any value.</summary>
    private const string Value = "\u0007";

    /// <summary>The names of the contract are characters from here on, in the order of <see cref="Names"/>.</summary>
    private const char FirstName = '\u000E';

    /// <summary>The number of names that are control characters. Further ones are characters for private use.</summary>
    private const int Controls = 10;

    private const char FirstPrivate = '\uE000';
    private const string Private = "\uE000-\uE0FF";
    private const string MeasurementNames = $"[\u0010-\u0017{Private}]";
    private const string KnownNames = $"\u000E-\u0017{Private}";
    private const string Name = $"[{OtherName}{KnownNames}]";

    private const string Space = @"[ \t\r\n]*";
    private const string Scalar = @"true|false|null|-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?";
    private const string Members = $"{Name}{Value}(?:,{Name}{Value})*";
    private const string BeforeInner = $"{OtherName}{KnownNames}\\[,";
    private const string InnerShape =
        $@"([{BeforeInner}])(?:[{{](?:{Members})?[}}]|\[(?:{Value}(?:,{Value})*)?\])";
    private const string Inner = $@"([{BeforeInner}]{Space})[\[{{][^\[\]{{}}]*[\]}}]";

    /// <exception cref="ArgumentException">The statement cannot find the measurement in messages.</exception>
    public static void RequireTakes(string measurement)
    {
        if (measurement.AsSpan().ContainsAnyInRange('\uE000', '\uE0FF'))
        {
            throw new ArgumentException(
                $"Spark cannot read the measurement \"{measurement}\": its name has a character from U+E000 to U+E0FF. Use --engine local.",
                nameof(measurement));
        }
    }

    /// <summary>The statement of <see cref="JobStatements.Parsed"/>.</summary>
    public static string Of(JobOptions options)
    {
        var names = Names(options);
        var numbers = options.Measurements.Select((_, i) => View($"number_{i}", ToNumber($"text_{i}")));
        var values = options.Measurements.Select((measurement, i) =>
            $", CASE WHEN {IsMissing(measurement, i)} THEN NULL ELSE {Kept(measurement, i)} END AS {WindowsStatement.Column(i)}");
        var plausible = options.Measurements.Select((measurement, i) => $"\n        AND {IsPlausible(measurement, i)}");
        return $"""
            SELECT partition, log_offset, sensor_id, CASE WHEN sensor_id IS NULL THEN name END AS name, event_time{string.Concat(values)},
                coalesce(event_time >= {Invariant(options.Earliest)}{HasMeasurement()}{string.Concat(plausible)}, false) AS is_right
            FROM (SELECT partition, {Messages}.offset AS log_offset, value FROM {Messages}) AS message
            {View("plain", Plain())}
            {View("skeleton", Skeleton(names))}
            {View("nested", Extract("skeleton", Inner, 0))}
            {View("shape", Shape())}
            {View("flat", Flat())}
            {View("sensor", Text(0))}
            {View("whole", Extract(Text(1), @"^(0|[1-9][0-9]{0,14})([.][0-9]+)?\z", 1))}
            {View("part", Extract(Text(1), @"[.]([0-9]+)\z", 1))}
            {string.Join('\n', options.Measurements.Select((_, i) => View($"text_{i}", Text(i + 2))))}
            {string.Join('\n', numbers)}
            {View("name", SensorText())}
            {View("sensor_id", SensorId())}
            {View("event_time", EventTime())}
            """;
    }

    /// <summary>
    /// The message without a byte order mark and without characters that stand for names; empty if it is too long, no UTF-8, or has
    /// characters that JSON forbids.
    /// </summary>
    private static string Plain()
    {
        const string text = "decode(value, 'UTF-8')";
        return $"CASE WHEN octet_length(value) <= {MaxBytes} AND encode({text}, 'UTF-8') = value AND "
            + $"{Extract(text, @"[\x00-\x08\x0B\x0C\x0E-\x1F]", 0)} = '' THEN "
            + $"{Replace(Replace(text, @"^\x{FEFF}", ""), $"[{Private}]", EscapedCharacter)} ELSE '' END";
    }

    private static char NameAt(int name) => (char)(name < Controls ? FirstName + name : FirstPrivate + name - Controls);

    private static string[] Names(JobOptions options) =>
        ["sensor_id", "timestamp", .. options.Measurements.Select(measurement => measurement.Name)];

    /// <summary>The message with one character for each name with its colon, and for each string.</summary>
    private static string Skeleton(string[] names)
    {
        var skeleton = $"CASE WHEN instr(plain, {Literal(@"\")}) = 0 THEN plain ELSE {Unescape("plain", names)} END";
        skeleton = Replace(skeleton, @"""([^""\\\t\r\n]*)""", $"{OpenString}$1{CloseString}");
        for (var i = 0; i < names.Length; i++)
        {
            skeleton = Replace(skeleton, $@"{OpenString}\Q{names[i]}\E{CloseString}{Space}:", $"{NameAt(i)}");
        }

        skeleton = Replace(skeleton, $"{OpenString}[^{CloseString}]*{CloseString}{Space}:", OtherName);
        return Replace(skeleton, $"{OpenString}[^{CloseString}]*{CloseString}", Value);
    }

    /// <summary>Replaces escapes: those of characters that names have by the character, all others by a token.</summary>
    private static string Unescape(string text, string[] names)
    {
        // Pairs of backslashes first: what follows a single one is then its escape.
        var result = Replace(text, @"\\\\", EscapedCharacter);
        foreach (var character in names.SelectMany(name => name.EnumerateRunes()).Distinct().Order())
        {
            var escape = string.Concat(character.ToString().Select(unit => @"\\u" + string.Concat(
                ((int)unit).ToString("x4", CultureInfo.InvariantCulture).Select(digit =>
                    char.IsAsciiDigit(digit) ? $"{digit}" : $"[{digit}{char.ToUpperInvariant(digit)}]"))));
            var pattern = character.Value == '/' ? $@"{escape}|\\/" : escape;
            result = Replace(result, pattern, character.Value == '$' ? @"\$" : character.ToString());
        }

        return Replace(result, @"\\[""\\/bfnrt]|\\u[0-9a-fA-F]{4}", EscapedCharacter);
    }

    /// <summary>The names and commas of the object, with one character for each value; empty if the message is no object.</summary>
    private static string Shape()
    {
        var shape = Replace(Replace("skeleton", Scalar, Value), @"[ \t\r\n]+", "");
        return Extract($"CASE WHEN nested = '' THEN {shape} ELSE {Fold(shape, InnerShape)} END", $@"^[{{]({Members})[}}]\z", 1);
    }

    /// <summary>The skeleton without objects and arrays in the object; empty if the message is no object.</summary>
    private static string Flat() => $"CASE WHEN shape = '' THEN '' WHEN nested = '' THEN skeleton ELSE {Fold("skeleton", Inner)} END";

    private static string Fold(string text, string inner) =>
        Enumerable.Range(0, MaxFolds).Aggregate(text, (folded, _) => Replace(folded, inner, $"$1{Value}"));

    /// <summary>The text of a member's value, the last one if there are several; empty without the member.</summary>
    private static string Text(int name) =>
        Extract("flat", $@"^[^{OpenString}]*{NameAt(name)}{Space}([^ \t\r\n,}}]+)", 1);

    private static string SensorId() =>
        $"CASE WHEN sensor = '-0' THEN 0 WHEN {Extract("name", @"^(0|[1-9][0-9]{0,9})\z", 0)} <> '' "
        + "AND CAST(name AS BIGINT) <= 2147483647 THEN CAST(name AS INT) END";

    /// <summary>The integer or the text of <c>sensor_id</c>; null if it is neither, or if the member has another one.</summary>
    /// <remarks>Spark's JSON function finds the first member of a name, where the stream takes the last one.</remarks>
    private static string SensorText()
    {
        const string id = "\u000E";
        return $"CASE WHEN {Extract("sensor", @"^-?[0-9]+\z", 0)} <> '' THEN sensor "
            + $"WHEN sensor = '{Value}' AND {Extract("shape", $"{id}.*{id}", 0)} = '' "
            + $"AND {Extract("skeleton", $@"{id}{Space}[\[{{{{]", 0)} = '' "
            + $"THEN get_json_object({Replace("decode(value, 'UTF-8')", @"^\x{FEFF}", "")}, '$.sensor_id') END";
    }

    /// <summary>µs since the epoch, digit by digit: no rounding moves a reading into the next window.</summary>
    private static string EventTime() =>
        $"CASE WHEN whole <> '' THEN CASE WHEN CAST(whole AS BIGINT) > {MillisAbove} "
        + $"OR (CAST(whole AS BIGINT) = {MillisAbove} AND {Extract("part", "[1-9]", 0)} <> '') "
        + "THEN CAST(whole AS BIGINT) * 1000 + CAST(rpad(substr(part, 1, 3), 3, '0') AS BIGINT) "
        + "ELSE CAST(whole AS BIGINT) * 1000000 + CAST(rpad(substr(part, 1, 6), 6, '0') AS BIGINT) END END";

    private static string ToNumber(string text) =>
        $"CASE WHEN {Extract(text, "[0-9]", 0)} <> '' THEN CAST({text} AS DOUBLE) END";

    private static string IsMissing(JobMeasurement measurement, int index) => measurement.Missing.Length == 0
        ? "false"
        : $"number_{index} IN ({string.Join(", ", measurement.Missing.Select(Invariant))})";

    private static string IsPlausible(JobMeasurement measurement, int index) =>
        $"(text_{index} IN ('', 'null') OR {IsMissing(measurement, index)} "
        + $"OR ({Kept(measurement, index)} >= {Invariant(measurement.Min)} "
        + $"AND {Kept(measurement, index)} <= {Invariant(measurement.Max)}))";

    /// <summary>The value in the unit that is kept, computed as the stream does.</summary>
    private static string Kept(JobMeasurement measurement, int index) => measurement.Factor is not { } factor
        ? $"number_{index}"
        : $"(number_{index} * {Invariant(factor)} + {Invariant(measurement.Offset)})";

    /// <summary>An object with other members, none of which is a measurement, is no reading.</summary>
    private static string HasMeasurement() =>
        $"\n        AND ({Extract("shape", OtherName, 0)} = '' OR {Extract("shape", MeasurementNames, 0)} <> '')";

    private static string View(string column, string expression) =>
        $"""
        LATERAL VIEW explode(array(
        {expression}
        )) step_{column} AS {column}
        """;

    private static string Replace(string text, string pattern, string replacement) =>
        $"regexp_replace({text}, {Literal(pattern)}, {Literal(replacement)})";

    private static string Extract(string text, string pattern, int group) => string.Create(
        CultureInfo.InvariantCulture, $"regexp_extract({text}, {Literal(pattern)}, {group})");

    /// <summary>A text in Spark's notation, in which a backslash begins an escape.</summary>
    private static string Literal(string text) =>
        $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes an exponent, so that Spark reads a double and not a decimal, and all digits: 17 give the same double back.</summary>
    private static string Invariant(double number) => number.ToString("E16", CultureInfo.InvariantCulture);
}
