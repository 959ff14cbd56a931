using System.Collections;
using System.Globalization;
using Avro.Generic;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace SchemaRegistry.Serialization.Tests.Converters;

/// <summary>The JSON of what Google's and Avro's own parsers have read, in the form of <see cref="JsonText"/>.</summary>
internal static class Expected
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        Timestamp time => Time(time),
        Duration span => ((span.Seconds * 1.0m) + (span.Nanos / 1_000_000_000m)).ToString("G29", CultureInfo.InvariantCulture),
        Struct structure => Of(structure.Fields),
        Value { KindCase: Value.KindOneofCase.None or Value.KindOneofCase.NullValue } => "null",
        Value any => Of(Value.Descriptor.Oneofs[0].Accessor.GetCaseFieldDescriptor(any)!.Accessor.GetValue(any)),
        ListValue list => Of(list.Values),
        IMessage message => $"{{{string.Join(',', Members(message).OrderBy(member => member.Name, StringComparer.Ordinal)
            .Select(member => JsonText.Member(member.Name, member.Value)))}}}",
        GenericRecord record => $"{{{string.Join(',', record.Schema.Fields.OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => JsonText.Member(field.Name, Of(record.GetValue(field.Pos)))))}}}",
        GenericEnum symbol => JsonText.Text(symbol.Value),
        GenericFixed bytes => Bytes(bytes.Value),
        ByteString bytes => Bytes(bytes.ToByteArray()),
        byte[] bytes => Bytes(bytes),
        bool flag => flag ? "true" : "false",
        string text => JsonText.Text(text),
        double number => double.IsFinite(number) ? number.ToString(CultureInfo.InvariantCulture) : "null",
        float number => float.IsFinite(number) ? number.ToString(CultureInfo.InvariantCulture) : "null",
        System.Enum symbol => Symbol(symbol),
        IDictionary map => $"{{{string.Join(',', map.Keys.Cast<object>()
            .Select(key => (Name: key is bool flag ? (flag ? "true" : "false") : $"{key}", Value: Of(map[key])))
            .OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => JsonText.Member(member.Name, member.Value)))}}}",
        IEnumerable list => $"[{string.Join(',', list.Cast<object?>().Select(Of))}]",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    private static IEnumerable<(string Name, string Value)> Members(IMessage message) =>
        from field in message.Descriptor.Fields.InDeclarationOrder()
        where !field.HasPresence || field.Accessor.HasValue(message)
        select (field.Name, Of(field.Accessor.GetValue(message)));

    private static string Symbol(System.Enum symbol)
    {
        var member = symbol.GetType().GetField($"{symbol}");
        var name = member?.GetCustomAttributes(false).OfType<OriginalNameAttribute>().FirstOrDefault()?.Name;
        return name is null ? symbol.ToString("D") : JsonText.Text(name);
    }

    private static string Time(Timestamp time)
    {
        const long First = -62_135_596_800;
        const long Last = 253_402_300_799;
        if (time.Seconds is < First or > Last || time.Nanos is < 0 or > 999_999_999)
        {
            return $"{time.Seconds}";
        }

        var seconds = DateTime.UnixEpoch.AddSeconds(time.Seconds).ToString("s", CultureInfo.InvariantCulture);
        var fraction = time.Nanos == 0 ? "" : $".{time.Nanos:D9}".TrimEnd('0');
        return JsonText.Text($"{seconds}{fraction}Z");
    }

    private static string Bytes(byte[] bytes) => JsonText.Text(System.Buffers.Text.Base64Url.EncodeToString(bytes));
}
