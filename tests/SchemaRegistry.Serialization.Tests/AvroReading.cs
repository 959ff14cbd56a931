using Avro;
using Avro.Specific;

namespace SchemaRegistry.Serialization.Tests;

/// <summary>As Avro's generator writes it.</summary>
public sealed class AvroReading : ISpecificRecord
{
    private static readonly Schema Own = Schema.Parse("""
        {"type":"record","name":"AvroReading","namespace":"SchemaRegistry.Serialization.Tests","fields":[
            {"name":"sensor","type":"string"},{"name":"temperature","type":"double"},
            {"name":"place","type":"string","default":"none"}]}
        """);

    public string Sensor { get; set; } = "";

    public double Temperature { get; set; }

    public string Place { get; set; } = "";

    public Schema Schema => Own;

    public object Get(int fieldPos) => fieldPos switch { 0 => Sensor, 1 => Temperature, _ => Place };

    public void Put(int fieldPos, object fieldValue)
    {
        switch (fieldPos)
        {
            case 0:
                Sensor = (string)fieldValue;
                break;
            case 1:
                Temperature = (double)fieldValue;
                break;
            default:
                Place = (string)fieldValue;
                break;
        }
    }
}
