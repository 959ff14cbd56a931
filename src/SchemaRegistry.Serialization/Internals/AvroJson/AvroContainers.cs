using System.Text.Json;
using SchemaRegistry.Serialization.Internals.JsonText;

namespace SchemaRegistry.Serialization.Internals.AvroJson;

/// <summary>A record becomes an object. Its fields are set after it was created, because they may contain it.</summary>
internal sealed class AvroRecord : AvroNode
{
    public (JsonEncodedText Name, AvroNode Type)[] Fields { get; set; } = [];

    public override void Write(ref AvroBytes data, Utf8JsonWriter json, int depth)
    {
        JsonValues.RequireDepth(depth);
        json.WriteStartObject();
        foreach (var (name, type) in Fields)
        {
            json.WritePropertyName(name);
            type.Write(ref data, json, depth + 1);
        }

        json.WriteEndObject();
    }
}

internal sealed class AvroArray(AvroNode item) : AvroNode
{
    public override void Write(ref AvroBytes data, Utf8JsonWriter json, int depth)
    {
        JsonValues.RequireDepth(depth);
        json.WriteStartArray();
        for (var items = data.ReadItems(); items > 0; items = data.ReadItems())
        {
            for (; items > 0; items--)
            {
                item.Write(ref data, json, depth + 1);
            }
        }

        json.WriteEndArray();
    }
}

/// <summary>A map becomes an object. A key that is repeated is a repeated member.</summary>
internal sealed class AvroMap(AvroNode value) : AvroNode
{
    public override void Write(ref AvroBytes data, Utf8JsonWriter json, int depth)
    {
        JsonValues.RequireDepth(depth);
        json.WriteStartObject();
        for (var items = data.ReadItems(); items > 0; items = data.ReadItems())
        {
            for (; items > 0; items--)
            {
                json.WritePropertyName(JsonValues.CheckText(data.ReadBytes()));
                value.Write(ref data, json, depth + 1);
            }
        }

        json.WriteEndObject();
    }
}

/// <summary>A union is the value of one of its types, and nothing says which.</summary>
internal sealed class AvroUnion(AvroNode[] types) : AvroNode
{
    public override void Write(ref AvroBytes data, Utf8JsonWriter json, int depth)
    {
        var at = data.ReadInt();
        var type = (uint)at < (uint)types.Length
            ? types[at]
            : throw new InvalidDataException($"a union has {types.Length} types; got the type {at}");
        type.Write(ref data, json, depth);
    }
}
