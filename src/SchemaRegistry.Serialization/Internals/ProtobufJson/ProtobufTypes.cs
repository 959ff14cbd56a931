using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace SchemaRegistry.Serialization.Internals.ProtobufJson;

/// <summary>The message types of a schema, for the writer.</summary>
internal sealed class ProtobufTypes
{
    private readonly ConcurrentDictionary<MessageDescriptor, ProtobufType> _types = new();

    public ProtobufType Of(MessageDescriptor descriptor) =>
        _types.TryGetValue(descriptor, out var type) ? type : _types.GetOrAdd(descriptor, Compile(descriptor));

    /// <summary>Compiles a type and all that it contains, without recursion: a schema may have a long chain of types.</summary>
    private static ProtobufType Compile(MessageDescriptor root)
    {
        var known = new Dictionary<MessageDescriptor, ProtobufType>();
        var open = new Queue<MessageDescriptor>();
        var result = TypeOf(root);
        while (open.TryDequeue(out var descriptor))
        {
            var oneofs = descriptor.Oneofs.Where(oneof => !oneof.IsSynthetic).ToList();
            known[descriptor].SetFields(
                [
                    .. descriptor.Fields.InDeclarationOrder().Select(field => new ProtobufField(
                        field,
                        field.RealContainingOneof is { } oneof ? oneofs.IndexOf(oneof) : -1,
                        field.FieldType == FieldType.Message ? TypeOf(field.MessageType) : null)),
                ],
                oneofs.Count);
        }

        return result;

        ProtobufType TypeOf(MessageDescriptor descriptor)
        {
            if (!known.TryGetValue(descriptor, out var type))
            {
                known.Add(descriptor, type = new(descriptor.FullName, ShapeOf(descriptor)));
                open.Enqueue(descriptor);
            }

            return type;
        }
    }

    /// <summary>
    /// The shape of a well-known type. A schema may have a type of this name with other fields, which is an object: a shape that contained
    /// itself without an object or an array would have no end.
    /// </summary>
    private static ProtobufShape ShapeOf(MessageDescriptor descriptor)
    {
        var fields = descriptor.Fields.InDeclarationOrder();
        return descriptor.FullName switch
        {
            "google.protobuf.Timestamp" when IsTime(fields) => ProtobufShape.Timestamp,
            "google.protobuf.Duration" when IsTime(fields) => ProtobufShape.Duration,
            "google.protobuf.DoubleValue" or "google.protobuf.FloatValue" or "google.protobuf.Int64Value" or "google.protobuf.UInt64Value"
                or "google.protobuf.Int32Value" or "google.protobuf.UInt32Value" or "google.protobuf.BoolValue"
                or "google.protobuf.StringValue" or "google.protobuf.BytesValue"
                when fields is [{ IsRepeated: false, FieldType: not (FieldType.Message or FieldType.Group) }] => ProtobufShape.Field,
            "google.protobuf.Struct" or "google.protobuf.ListValue" when fields is [{ IsRepeated: true }] => ProtobufShape.Field,
            "google.protobuf.Value" when fields.All(field => field.FieldType != FieldType.Message || IsContainer(field.MessageType)) =>
                ProtobufShape.FieldOrNull,
            "confluent.type.Decimal" when descriptor.FindFieldByNumber(1) is { FieldType: FieldType.Bytes, IsRepeated: false }
                && descriptor.FindFieldByNumber(3) is { FieldType: FieldType.Int32, IsRepeated: false } => ProtobufShape.Decimal,
            _ => ProtobufShape.Object,
        };
    }

    private static bool IsTime(IList<FieldDescriptor> fields) => fields is
        [{ FieldType: FieldType.Int64, IsRepeated: false }, { FieldType: FieldType.Int32, IsRepeated: false }];

    private static bool IsContainer(MessageDescriptor descriptor) => descriptor.FullName is "google.protobuf.Struct"
        or "google.protobuf.ListValue" && descriptor.Fields.InDeclarationOrder() is [{ IsRepeated: true }];
}
