using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Status;
using GrainSensors.Storage.Mqtt;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Mqtt.Sessions;

/// <summary>What the sessions of a broker share.</summary>
/// <param name="Member">This silo in the table of slots.</param>
internal sealed record BridgeContext(
    MqttBrokerOptions Broker,
    Guid Member,
    IMqttSlots Slots,
    PayloadProducer Producer,
    BrokerCounters Counters,
    BridgeTimings Timings,
    TimeProvider Clock,
    ILogger Logger);
