using Orleans.Serialization;
using Orleans.Storage;

namespace GrainSensors.Hosting.Stores;

/// <summary>
/// Writes the same bytes as Orleans' storage serializer, but collects them in pooled segments. Orleans' serializer collects them in
/// an array that doubles as it grows: the state of a monitor of thousands of sensors would leave large objects with every checkpoint.
/// </summary>
internal sealed class ExactGrainStorageSerializer(Serializer serializer) : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(serializer.SerializeToArray(input!));

    public T Deserialize<T>(BinaryData input) => serializer.Deserialize<T>(input.ToMemory())!;
}
