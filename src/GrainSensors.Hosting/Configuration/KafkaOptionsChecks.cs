using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Options;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Runs <see cref="KafkaOptionsValidator"/> with the other validators.</summary>
internal sealed class KafkaOptionsChecks : IValidateOptions<KafkaOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
    {
        try
        {
            KafkaOptionsValidator.Validate(options);
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException e)
        {
            return ValidateOptionsResult.Fail(e.Message);
        }
    }
}
