namespace GrainSensors.Sources.Tests.Presets;

/// <summary>Payloads after the documentation of those who send them, with values of our own.</summary>
internal static class Samples
{
    /// <summary>The fields of https://docs.rs/chirpstack_api/4.18.0/chirpstack_api/integration/struct.UplinkEvent.html, as JSON.</summary>
    public const string ChirpStack =
        """
        {
          "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
          "time": "2026-11-24T10:15:00.775023242+01:00",
          "deviceInfo": {
            "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242", "tenantName": "ChirpStack",
            "applicationId": "17c82e96-be03-4f38-aef3-f83d48582d97", "applicationName": "Greenhouse",
            "deviceProfileId": "14855bf7-d10d-4aee-b618-ebfcb64dc7ad", "deviceProfileName": "EM300",
            "deviceName": "bed-4", "devEui": "0101010101010101", "tags": { "bed": "4" }
          },
          "devAddr": "00189440", "adr": true, "dr": 1, "fCnt": 4, "fPort": 85, "confirmed": false, "data": "AXVcA2cBAQRofQ==",
          "object": { "temperature": 25.7, "humidity": 62.5, "battery": 92, "door": { "open": false } },
          "rxInfo": [{ "gatewayId": "0016c001f153a14c", "uplinkId": 4217106255, "rssi": -36, "snr": 10.5, "crcStatus": "CRC_OK" }],
          "txInfo": { "frequency": 867100000, "modulation": { "lora": { "bandwidth": 125000, "spreadingFactor": 11 } } }
        }
        """;

    /// <summary>https://www.thethingsindustries.com/docs/integrations/data-formats/, uplink messages.</summary>
    public const string ThingsStack =
        """
        {
          "end_device_ids": {
            "device_id": "cellar-1", "application_ids": { "application_id": "house" },
            "dev_eui": "0004A30B001C0530", "join_eui": "800000000000000C", "dev_addr": "00BCB929"
          },
          "correlation_ids": ["as:up:01HG"], "received_at": "2026-11-24T10:15:01.310Z",
          "uplink_message": {
            "session_key_id": "AXA50A==", "f_cnt": 1, "f_port": 1, "frm_payload": "gkHe",
            "decoded_payload": { "temperature": 19.5, "luminosity": 0.64, "leak": true, "status": "ok" },
            "rx_metadata": [{ "gateway_ids": { "gateway_id": "gtw1" }, "rssi": -35, "snr": 5, "timestamp": 2463457000 }],
            "settings": { "data_rate": { "lora": { "bandwidth": 125000, "spreading_factor": 7 } }, "frequency": "868300000" },
            "received_at": "2026-11-24T10:15:01.103504Z", "consumed_airtime": "0.056576s"
          }
        }
        """;

    /// <summary>https://thingsboard.io/docs/reference/gateway-api/telemetry/.</summary>
    public const string ThingsBoardGateway =
        """
        {
          "Boiler A": [
            { "ts": 1795515300000, "values": { "temperature": 61.5, "burner": true } },
            { "ts": 1795515301000, "values": { "temperature": 62 } }
          ],
          "Boiler B": [{ "values": { "temperature": 40, "state": "off" } }]
        }
        """;

    /// <summary>https://thingsboard.io/docs/reference/mqtt-api/telemetry/, several timestamps.</summary>
    public const string ThingsBoard =
        """[{"ts":1795515300000,"values":{"temperature":22.5,"humidity":61}},{"ts":1795515301000,"values":{"temperature":22.7}}]""";

    /// <summary>https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html, zigbee2mqtt/FRIENDLY_NAME.</summary>
    public const string Zigbee2Mqtt =
        """
        {"battery":86,"humidity":55.43,"last_seen":"2026-11-24T10:15:00.500Z","linkquality":97,"pressure":1000.6,"temperature":22.75,
        "update":{"installed_version":16777241,"latest_version":16777241,"state":"idle"},"occupancy":true,"action":null}
        """;

    /// <summary>https://tasmota.github.io/docs/AM2301/ and /DS18x20/, tele/TOPIC/SENSOR.</summary>
    public const string Tasmota =
        """
        {"Time":"2026-11-24T11:15:00","DS18B20-1":{"Id":"01131B123456","Temperature":4.5},"AM2301":{"Temperature":24.6,"Humidity":58.2},
        "TempUnit":"C"}
        """;

    /// <summary>RFC 8428, section 5.1.2 ("Multiple Data Points") shows this form.</summary>
    public const string SenMl =
        """
        [{"bn":"urn:dev:ow:10e2073a01080063:","bt":1.795515300001e9,"n":"voltage","u":"V","v":120.1},
         {"n":"current","u":"A","v":1.2},{"n":"current","t":-5,"u":"A","v":1.3},{"n":"door","t":-5,"vb":true},{"n":"label","vs":"on"}]
        """;

    /// <summary>https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/.</summary>
    public const string Influx =
        """
        # as Telegraf sends it
        weather,host=pi\ 1,room=a\,b temperature=21.5,count=3i,wet=f,note="a \"b\" = c, d" 1795515300123456789
        disk,host=pi2 used=1e3
        """;
}
